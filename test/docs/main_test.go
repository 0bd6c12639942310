package docs

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"target-postgres/internal/s3test"
)

var update = flag.Bool("update", false, "write into the documents what they should say")

// spec is the text of spec.json.
var spec []byte

// server is where the examples find the s3:// URLs.
var server *s3test.Server

// TestMain lets the tests run in the directory of the module, as the paths of documents begin there.
func TestMain(m *testing.M) {
	err := os.Chdir("../..")
	if err == nil {
		spec, err = os.ReadFile("spec.json")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	server = s3test.Start()
	for name, value := range server.Environment() {
		if err := os.Setenv(name, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	code := m.Run()
	server.Close()
	os.Exit(code)
}
