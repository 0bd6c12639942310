package merge

import (
	"errors"
	"fmt"
	"strings"
)

// Lookup asks which keys of a batch have no row yet, for records that leave rows as they are ([Job.IgnoreConflicts]).
type Lookup struct {
	// Create makes the temporary table of the keys, which goes with the transaction. Columns are its columns, unquoted:
	// those of the key in the order of [Job.Key], and then the number of the row.
	Create  string
	Columns []string
	// Query returns one text: the numbers of the keys that have no row, with commas between them. It is NULL if all
	// have one.
	Query string
}

// LookUp returns the lookup of a batch's keys in the target. keys is the table that they are copied into.
func LookUp(job Job, keys Name) (Lookup, error) {
	if len(job.Key) == 0 {
		return Lookup{}, errors.New("look keys up: there is no key")
	}
	job.Staged, job.Columns, job.Has = keys, job.Key, Has{}
	v := newView(job)
	statements, err := render("lacking", v)
	if err != nil {
		return Lookup{}, err
	}
	number := v.prefix + "n"
	l := Lookup{Query: statements[0].SQL}
	columns := make([]string, 0, len(job.Key)+1)
	for _, c := range job.Key {
		l.Columns = append(l.Columns, c.Name)
		columns = append(columns, quote(c.Name)+" "+c.Type.DDL())
	}
	l.Columns = append(l.Columns, number)
	columns = append(columns, quote(number)+" integer")
	l.Create = fmt.Sprintf("CREATE TEMP TABLE %s (%s) ON COMMIT DROP", quote(keys.Table), strings.Join(columns, ", "))
	return l, nil
}
