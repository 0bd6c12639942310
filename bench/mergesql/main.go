// Command mergesql prints the SQL with which the program merges a batch, for the benchmark's baseline to run the same
// statements through psql. It reads one merge from standard input, as JSON:
//
//	{"mode": "upsert", "schema": "s", "table": "t", "staged": "incoming", "key": ["id"], "columns": [["id", "bigint"]]}
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mergesql:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	var r request
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return fmt.Errorf("read the merge: %w", err)
	}
	statements, err := r.statements()
	if err != nil {
		return err
	}
	for _, s := range statements {
		if _, err := fmt.Fprintf(out, "%s;\n", s.SQL); err != nil {
			return err
		}
	}
	return nil
}
