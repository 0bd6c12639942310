//go:build unix

package e2e

import (
	"maps"
	"strings"
	"syscall"
	"testing"

	"target-postgres/internal/pgtest"
)

// The last line after a signal says what is committed, and what is not.
func TestTheLastLineAfterASignalIsTrue(t *testing.T) {
	t.Parallel()
	const (
		other = `{"type":"SCHEMA","stream":"u","key_properties":["id"],"schema":{"properties":{"id":{"type":"integer"}}}}`
		bad   = `{"type":"RECORD","stream":"t","record":{"id":"no number"}}`
		state = `{"type":"STATE","value":{"n":1}}`
		// empty is answered by a warning, after which everything before it has been read.
		empty = `{"type":"SCHEMA","stream":"empty","key_properties":[],"schema":{"properties":{}}}`
		whole = "stopped by a signal: what was read is committed and its STATE emitted"
	)
	for _, test := range []struct {
		name     string
		settings map[string]any
		args     []string
		say      []string
		want     string
		emits    bool
	}{
		{"everything is committed", nil, nil, []string{signalSchema, signalRecord, state}, "terminated: " + whole, true},
		{
			"a replace",
			map[string]any{"load_mode": "replace"},
			nil,
			[]string{signalSchema, signalRecord, state},
			`terminated: stopped by a signal: what was read is committed, except the replace of "t", which needs the end of the input; ` +
				"the next run sends that again; no STATE is emitted that would cover what is not committed", false,
		},
		{
			"a replace without a record",
			map[string]any{"load_mode": "replace"},
			nil,
			[]string{signalSchema, state},
			`except the replace of "t", which needs the end of the input`, false,
		},
		{
			"one of two is a replace",
			map[string]any{"streams": map[string]any{"u": map[string]any{"load_mode": "replace"}}},
			nil,
			[]string{signalSchema, signalRecord, state, other, strings.Replace(signalRecord, `"t"`, `"u"`, 1)},
			`terminated: stopped by a signal: what was read is committed and its STATE emitted, except the replace of "u", which needs the end of the input; ` +
				"the next run sends that again", true,
		},
		{
			"rows without STATE",
			map[string]any{"load_mode": "append", "state_table": true},
			nil,
			[]string{signalSchema, signalRecord, state, signalRecord},
			`terminated: stopped by a signal: what was read is committed and its STATE emitted, except the rows of "t" that no STATE covers; ` +
				"the next run sends that again", true,
		},
		{
			"a stream failed",
			map[string]any{"on_stream_error": "continue"},
			nil,
			[]string{other, signalSchema, bad, state},
			"terminated: stopped by a signal: what was read of the other streams is committed; " +
				`no STATE is emitted that would cover what is not committed; 1 stream failed: input line 3, stream "t", column "id"`, false,
		},
		{"a dry run", nil, []string{"--dry-run"}, []string{signalSchema, signalRecord, state}, "terminated: stopped by a signal: a dry run changes nothing", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			settings := map[string]any{"url": pgtest.LoaderURL(t), "schema": pgtest.Schema(t)}
			maps.Copy(settings, test.settings)
			w := startWaiting(t, settings, test.args...)
			w.say(test.say...)
			w.say(empty)
			w.until(t, "stream=empty")
			said := w.ends(t, syscall.SIGTERM)
			if !strings.Contains(said, test.want) {
				t.Errorf("no line says %q:\n%s", test.want, said)
			}
			if test.want != "terminated: "+whole && strings.Contains(said, whole+"\n") {
				t.Errorf("a line says that all is committed:\n%s", said)
			}
			if emitted := strings.Contains(said, `{"n":1}`); emitted != test.emits {
				t.Errorf("a STATE left: %t, want %t:\n%s", emitted, test.emits, said)
			}
		})
	}
}
