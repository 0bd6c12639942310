package merge

import (
	"errors"
	"strings"
)

// Superseded is the table that keeps the records of keys that come more than once.
type Superseded struct {
	Name Name
	// Former are columns of the target that the batch no longer has.
	Former []Column
	// Brought is the column of type text[] with the names of the columns that a record brings. NULL is for a whole row.
	Brought string
}

// KeepSuperseded returns the statements that keep the records of keys that the batch repeats. They are to be run before
// those of [Load], which keeps the last record of a key alone.
func KeepSuperseded(job Job, kept Superseded) ([]Statement, error) {
	if len(job.Key) == 0 {
		return nil, errors.New("keep superseded records: there is no key")
	}
	if job.Mode == Replace {
		job.Mode = Upsert
	}
	v := newView(job)
	v.Kept, v.Brought = kept.Name.SQL(), quote(kept.Brought)
	for _, c := range kept.Former {
		v.Gathered = append(v.Gathered, name{quoted: quote(c.Name)})
	}
	return render("superseded.sql", v)
}

// NamesBrought is the list of the names of the columns that a staged row brings.
func (v *view) NamesBrought() string {
	names := make([]string, len(v.Columns))
	for i, c := range v.Columns {
		names[i] = literal(v.job.Columns[i].Name)
		if v.Patched && !v.isKey(c) {
			names[i] = "CASE WHEN " + v.brought(c) + " THEN " + names[i] + " END"
		}
	}
	return "ARRAY[" + strings.Join(names, ", ") + "]::text[]"
}

// Replayed is the staged row as a table of superseded records has it: an expression for [Job.Present].
func Replayed(columns []Column, brought string) string {
	bits := make([]string, len(columns))
	for i, c := range columns {
		bits[i] = "CASE WHEN " + literal(c.Name) + " = ANY (" + quote(brought) + ") THEN B'1' ELSE B'0' END"
	}
	return "CASE WHEN " + quote(brought) + " IS NOT NULL THEN " + strings.Join(bits, " || ") + " END::bit varying"
}
