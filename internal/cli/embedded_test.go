package cli

import "testing"

func TestTheProgramIsCalledAgainAsItWasCalled(t *testing.T) {
	t.Parallel()
	for program, want := range map[string]string{
		"":                      "target-postgres",
		"target-postgres":       "target-postgres",
		"./bin/target-postgres": "./bin/target-postgres",
		"/opt/it's/tp":          "target-postgres",
		"/opt/my tools/tp":      "target-postgres",
		"/tmp/go-build123/b001/exe/target-postgres":      "go run .",
		"/root/.cache/go-build/ab/abc-d/target-postgres": "go run .",
	} {
		if got := invokedAs(program); got != want {
			t.Errorf("%s: %q, want %q", program, got, want)
		}
	}
}
