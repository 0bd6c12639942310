//go:build unix

package e2e

import (
	"maps"
	"strings"
	"testing"

	"target-postgres/internal/pgtest"
)

// A role that the server does not have is named together with its setting, in each step that may need it first.
func TestARoleThatIsNotThereIsNamedWithItsSetting(t *testing.T) {
	t.Parallel()
	const grant = `role "nobody here" does not exist: SQLSTATE 42704 (the setting grant_select_to names the role: correct it, or run: CREATE ROLE "nobody here")`
	missing, reader := map[string]any{"role": "no such"}, map[string]any{"grant_select_to": []string{"nobody here"}}
	for _, test := range []struct {
		name     string
		settings map[string]any
		args     []string
		want     []string
	}{
		{"a run", missing, nil, noSuchRole},
		{"a run that saves STATE", map[string]any{"role": "no such", "state_table": true}, nil, noSuchRole},
		{"Airbyte", missing, []string{"write"}, noSuchRole},
		{"a check", missing, []string{"check", "--exit-code"}, noSuchRole},
		{"a reader", reader, nil, []string{grant}},
		{"a reader with Airbyte", reader, []string{"write"}, []string{grant}},
		{
			"a reader that after_create names",
			map[string]any{"after_create": "GRANT SELECT ON {table} TO nobody_here", "grant_select_to": []string{}},
			nil,
			[]string{`after_create: role "nobody_here" does not exist`, "correct the setting after_create"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			settings := map[string]any{"url": pgtest.LoaderURL(t), "schema": pgtest.Schema(t)}
			maps.Copy(settings, test.settings)
			w := startWaiting(t, settings, test.args...)
			if test.args == nil {
				w.say(signalSchema, signalRecord, signalState)
			}
			if err := w.stdin.Close(); err != nil {
				t.Fatal(err)
			}
			for line := range w.lines {
				w.seen = append(w.seen, line)
			}
			said := strings.Join(w.seen, "\n")
			if err := w.cmd.Wait(); err == nil {
				t.Error("it succeeded")
			}
			for _, want := range test.want {
				if !strings.Contains(strings.ReplaceAll(said, `\"`, `"`), want) {
					t.Errorf("nothing says %s:\n%s", want, said)
				}
			}
		})
	}
}

var noSuchRole = []string{
	`role "no such" does not exist: SQLSTATE 22023`,
	`the setting role names the role "no such": correct it or leave it out, or run: CREATE ROLE "no such"; GRANT "no such" TO "`,
}
