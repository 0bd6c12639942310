// Command target-postgres loads streams of records into PostgreSQL: as a Singer target, reading from a tap's pipe, and
// as an Airbyte destination. The path of a record is protocol → typemap → target → merge, one package each.
package main

import (
	"context"
	_ "embed" // for spec.json
	"os"

	"target-postgres/internal/cli"
	"target-postgres/internal/resident"
)

//go:embed spec.json
var spec []byte

// version is stamped by the linker.
var version = "dev"

func main() {
	resident.Limit() // most of what the libraries set up is never used
	program := cli.Program{
		Name: os.Args[0], Version: version, Spec: cli.ReadSpec(spec), Args: os.Args[1:],
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Environ: os.Environ,
	}
	os.Exit(program.Run(context.Background()))
}
