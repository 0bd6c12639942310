package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"target-postgres/internal/cli"
	"target-postgres/target/settings"
)

// specVariable is set for a process that is the program: to the path of spec.json, since it may run in any directory.
const specVariable = "TARGET_POSTGRES_TEST_AS_PROGRAM"

var (
	// spec reads spec.json, once for all programs of this process.
	spec func() (*settings.Spec, error)
	// asProgram is what the environment of this binary needs to have to be the program.
	asProgram string
)

// TestMain lets a test run the program as a process of its own, which it can kill: that process is this binary with
// asProgram in its environment.
func TestMain(m *testing.M) {
	if path, isProgram := os.LookupEnv(specVariable); isProgram {
		readSpec(path)
		os.Exit(program())
	}
	// Tests run in the directory of the module, from which BATCH messages of scenarios name their files.
	err := os.Chdir("../..")
	path, err2 := filepath.Abs("spec.json")
	if err := errors.Join(err, err2); err != nil {
		fail(err)
	}
	readSpec(path)
	asProgram = specVariable + "=" + path
	os.Exit(m.Run())
}

func readSpec(path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		fail(err)
	}
	spec = cli.ReadSpec(text)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// program is the program's main function.
func program() int {
	program := cli.Program{
		Version: "test", Spec: spec, Args: os.Args[1:],
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Environ: os.Environ,
	}
	return program.Run(context.Background())
}
