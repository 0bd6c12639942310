package target_test

import "testing"

// TestAClockThatWasSetBackDoesNotHideANewerVersion is about versions that begin at the commit, by the server's clock:
// to set the clock back is to find a version that begins in the future.
func TestAClockThatWasSetBackDoesNotHideANewerVersion(t *testing.T) {
	t.Parallel()
	for name, then := range map[string][]string{
		"a change":              {`{"id":1,"v":"new"}`},
		"two changes in one":    {`{"id":1,"v":"between"}`, `{"id":1,"v":"new"}`},
		"a change and a repeat": {`{"id":1,"v":"new"}`, `{"id":1,"v":"new"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			as := settings{"load_mode": "history"}
			d.mustLoad(as, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"old"}`), record("t", `{"id":2,"v":"other"}`))
			d.run("UPDATE t SET _singular_start = _singular_start + interval '1 hour'")
			messages := []string{schemaOf("t", idAndText, "id")}
			for _, said := range then {
				messages = append(messages, record("t", said))
			}
			d.mustLoad(as, messages...)
			d.want("SELECT id, v FROM t WHERE _singular_active ORDER BY id", "1 | new", "2 | other")
			d.want("SELECT count(*) FROM t WHERE _singular_end < _singular_start OR _singular_active <> (_singular_end IS NULL)", "0")
			d.mustLoad(as, append(messages[:1:1], record("t", `{"id":1,"v":"newest"}`), record("t", `{"id":2,"v":"other"}`))...)
			d.want("SELECT id, v FROM t WHERE _singular_active ORDER BY id", "1 | newest", "2 | other")
			d.want(`SELECT count(*) FROM t AS a JOIN t AS b ON a.id = b.id AND a.ctid <> b.ctid
				AND tstzrange(a._singular_start, a._singular_end) && tstzrange(b._singular_start, b._singular_end)`, "0")
		})
	}
}

func TestAValueThatComesBackAfterTheClockWasSetBack(t *testing.T) {
	t.Parallel()
	d := look(t)
	as := settings{"load_mode": "history"}
	for _, value := range []string{"A", "B"} {
		d.mustLoad(as, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"`+value+`"}`))
	}
	// B began in an hour, and A an hour ago: at this instant the history says A.
	d.run(`UPDATE t SET _singular_start = now() + CASE v WHEN 'B' THEN interval '1 hour' ELSE interval '-1 hour' END,
		_singular_end = CASE v WHEN 'A' THEN now() + interval '1 hour' END`)
	d.mustLoad(as, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"A"}`))
	d.want("SELECT v, _singular_active FROM t ORDER BY _singular_start, _singular_end", "A | f", "B | f", "A | t")
}

func TestAClockThatWasSetBackDoesNotKeepARemovedRowAlive(t *testing.T) {
	t.Parallel()
	d := look(t)
	as := settings{"load_mode": "history", "full_snapshot": true}
	d.mustLoad(as, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"a"}`), record("t", `{"id":2,"v":"b"}`))
	d.run("UPDATE t SET _singular_start = _singular_start + interval '1 hour'")
	d.mustLoad(as, schemaOf("t", idAndText, "id"), record("t", `{"id":1,"v":"a"}`))
	d.want("SELECT id, v, _singular_active, _singular_end IS NULL, coalesce(_singular_end < _singular_start, false) FROM t ORDER BY id",
		"1 | a | t | t | f", "2 | b | f | f | f")
}
