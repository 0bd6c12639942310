package target_test

import (
	"io"
	"testing"
	"time"
)

// TestRowsThatWaitKeepTheServerAsked has a tap that goes on, so that its rows wait for batch_max_age. The server is
// asked meanwhile whether it is there. Tests of package pipeline show that a silent network is noticed by that.
func TestRowsThatWaitKeepTheServerAsked(t *testing.T) {
	t.Parallel()
	d := look(t)
	in, tap := io.Pipe()
	run := newTarget(t, newConfig(t, d.schema, settings{"application_name": d.schema}), in, io.Discard)
	run.TouchEvery(time.Millisecond)
	ended := make(chan error, 1)
	go func() { ended <- run.Run(t.Context()) }()
	say := func(line string) { _, _ = io.WriteString(tap, line+"\n") }
	say(schemaOf("t", idAndText, "id"))
	d.await(ended, "SELECT to_regclass('t') IS NOT NULL", "t", "no table is created")
	for d.one("SELECT count(*) FROM pg_stat_activity WHERE query = '-- ping' AND application_name = '"+d.schema+"'") == "0" {
		if d.one("SELECT count(*) FROM t") != "0" {
			t.Fatal("batch_max_age is over, and the server was not asked before")
		}
		say(record("t", `{"id":1,"v":"a"}`))
	}
	_ = tap.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	d.want("SELECT id, v FROM t", "1 | a")
}
