package merge

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Load returns the statements that merge the staged batch into the target. Mode Replace gathers: as Upsert does where there
// is a key, else as Append. For mode History see also [Rounds].
func Load(job Job) ([]Statement, error) {
	if job.Mode == Replace {
		job.Mode, job.HardDelete = Append, false
		if len(job.Key) > 0 {
			job.Mode = Upsert
		}
	}
	if err := job.check(); err != nil {
		return nil, fmt.Errorf("merge %s: %w", job.Mode, err)
	}
	return render(job.Mode.String()+".sql", newView(job))
}

// Rounds returns the query, of one row and column, for the number of rounds that the batch needs in mode History, or "" when
// it is one for sure. The instants of a key may run backwards within a batch; a record after such a step is judged by the
// history that those before it have made. For one round, leave Round 0 and [Load] once. For more, Load and run with Round from
// 1 to that number.
func Rounds(job Job) (string, error) {
	if job.Mode != History || !job.Has.Duplicates {
		return "", nil
	}
	if err := job.check(); err != nil {
		return "", fmt.Errorf("merge %s: %w", job.Mode, err)
	}
	statements, err := render("rounds", newView(job))
	if err != nil {
		return "", err
	}
	return statements[0].SQL, nil
}

// Swap returns the statements that end a Replace: the target then holds what the staging table job.Staged holds and nothing
// else. Where Referenced is set and there is a key, the count is that of the new rows alone.
func Swap(job Job) ([]Statement, error) {
	job.Mode, job.Has, job.Untracked = Replace, Has{}, nil
	if err := job.check(); err != nil {
		return nil, fmt.Errorf("swap: %w", err)
	}
	return render("replace.sql", newView(job))
}

// Remember returns the statement that adds the staged batch's keys to the table seen, for [RemoveUnseen]. That table has the
// key's columns and a unique index over them. It is to be run before the statements of [Load]: those of mode History take the
// rows out of the staged table that say nothing new.
func Remember(job Job, seen Name) ([]Statement, error) {
	if len(job.Key) == 0 {
		return nil, errors.New("remember keys: there is no key")
	}
	v := newView(job)
	v.Seen = seen.SQL()
	return render("remember", v)
}

// RemoveUnseen returns the statements that remove the rows of the target whose key is not in the table seen: a full snapshot
// has ended. There is none when removed rows are neither deleted nor marked.
func RemoveUnseen(job Job, seen Name) ([]Statement, error) {
	if len(job.Key) == 0 {
		return nil, errors.New("remove unseen rows: there is no key")
	}
	v := newView(job)
	v.Seen = seen.SQL()
	return render("remove.sql", v)
}

// RemoveVersions returns the statements that remove the rows of versions before version and those without any: Singer's
// ACTIVATE_VERSION. There is none when removed rows are neither deleted nor marked.
func RemoveVersions(job Job, version int64) ([]Statement, error) {
	if job.Version == "" {
		return nil, errors.New("remove versions: there is no version column")
	}
	v := newView(job)
	v.Before = version
	return render("remove.sql", v)
}

// check finds what the templates would turn into wrong SQL.
func (j Job) check() error {
	switch {
	case j.Mode.NeedsKey() && len(j.Key) == 0:
		return errors.New("there is no key")
	case len(j.Columns) == 0:
		return errors.New("there are no columns")
	case j.Has.Patched && j.Present == "" && j.Mode.NeedsKey():
		return errors.New("partial rows need the column that says what is present")
	case j.Has.Removed && j.Gone == "" && (j.HardDelete || j.Mode == History || j.Mode == SoftDelete):
		return errors.New("tombstones need the column that says so")
	case j.Mode == History && (j.Start == "" || j.End == "" || j.Active == "" || j.At == ""):
		return errors.New("the columns for the time are not named")
	case j.Mode == SoftDelete && j.Deleted == "":
		return errors.New("the column for the mark is not named")
	case len(j.Order) > 0 && (j.Mode == SoftDelete || j.Mode == History || j.Has.Patched):
		return errors.New("an order is for whole records in mode upsert")
	}
	for _, k := range j.Key {
		if !slices.ContainsFunc(j.Columns, func(c Column) bool { return c.Name == k.Name }) {
			return fmt.Errorf("the key column %q is not among the columns", k.Name)
		}
	}
	return nil
}

// render fills a template and cuts it into statements. What stands before the first of them is for those who read the file.
func render(name string, v *view) ([]Statement, error) {
	var b strings.Builder
	if err := templates.ExecuteTemplate(&b, name, v); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	var statements []Statement
	for _, part := range strings.Split(b.String(), startOfStatement)[1:] {
		effect, sql := Effect(part[0]-'0'), strings.TrimSpace(part[1:])
		statements = append(statements, Statement{SQL: strings.TrimSuffix(sql, ";"), Effect: effect})
	}
	return statements, nil
}
