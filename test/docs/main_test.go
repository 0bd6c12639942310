package docs

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write into the documents what they should say")

// spec is the text of spec.json.
var spec []byte

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
	os.Exit(m.Run())
}
