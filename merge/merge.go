// Package merge writes the SQL of the five load modes.
//
// Each mode is a file to read: append.sql, replace.sql, upsert.sql, history.sql and soft_delete.sql, with fold.sql for
// what several rows of one key amount to and remove.sql for what a full pass no longer brings. The package only fills
// names into them: it opens no connection and keeps no state. Any goroutine may call it. Its functions that take a
// [Job] return an error if fields of the job that need each other do not agree; such a job is a fault of the caller.
//
// The caller begins a transaction (READ COMMITTED), creates a temporary table of the staged rows with ON COMMIT DROP,
// fills it with one COPY, and runs the statements of [Load] in order. The order in which the rows arrived is that of
// their ctid: in a table that the same transaction created, one COPY fills page after page. So nothing but COPY may
// write to it.
//
// Some statements create tables of their own in pg_temp, named after the staged table with a suffix of up to eight
// bytes. All are long expressions over rows whose number the planner can only guess: without SET LOCAL jit = off the
// server may spend seconds on compiling what runs for milliseconds. A work_mem of some 64 MB saves a tenth of the time.
//
// Rows are written in the order of their keys wherever SQL has a way to say so, yet a statement may fail because of
// another writer: deadlock_detected (40P01), and unique_violation (23505) where both inserted one key at the same time.
// Running the whole transaction again is the answer to both.
package merge

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Load returns the statements that merge the staged batch into the target. Mode Replace writes as Upsert does if there
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
	v := newView(job)
	v.spell()
	v.fill()
	return render(job.Mode.String()+".sql", v)
}

// Rounds returns the query, of one row and column, for the number of rounds that the batch needs in mode History, or ""
// if one is certain to do. The instants of a key may run backwards within a batch. A record after such a step is
// compared with the history that the records before it have made. For one round, leave Round 0 and [Load] once, as for
// a batch whose instants are known never to run backwards. For more, Load and run with Round from 1 to that number.
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

// Swap returns the statements that end a Replace: the target then holds what the staging table job.Staged holds and
// nothing else. Where Referenced is set and there is a key, the count is that of the new rows alone.
func Swap(job Job) ([]Statement, error) {
	job.Mode, job.Has, job.Untracked = Replace, Has{Unnumbered: true}, nil
	if err := job.check(); err != nil {
		return nil, fmt.Errorf("swap: %w", err)
	}
	return render("replace.sql", swapView(job))
}

// Empty returns the statements that take away what [Swap] takes away: all rows, or where Referenced is set and there is
// a key those whose key is not staged. It is for a caller that then brings the new rows a few at a time, in mode
// Append, or Upsert where rows have stayed.
func Empty(job Job) ([]Statement, error) {
	job.Mode, job.Has, job.Untracked = Replace, Has{}, nil
	if err := job.check(); err != nil {
		return nil, fmt.Errorf("empty: %w", err)
	}
	return render("empty", swapView(job))
}

// swapView is the view of a job whose staged rows are all that the target is to have. Their table may have a name too
// long for a suffix, and its unique index says nothing about the target.
func swapView(job Job) *view {
	job.Order, job.Tombstones, job.Stretch = nil, Name{}, nil
	job.Unique = job.Unique && job.Place == Here
	v := newView(job)
	v.Seen, v.Unseen = v.Staged, unseen
	if v.Elsewhere {
		v.Current = Name{Schema: "pg_temp", Table: "_singular_swap_current"}.SQL()
		v.News = Name{Schema: "pg_temp", Table: "_singular_swap_news"}.SQL()
	}
	return v
}

// LeaveOutMissing returns the statements that take the rows out of a table job.Staged whose key the target does not
// have.
func LeaveOutMissing(job Job) ([]Statement, error) {
	if len(job.Key) == 0 {
		return nil, errors.New("leave out missing keys: there is no key")
	}
	job.Mode, job.IgnoreConflicts, job.IgnoreMissing, job.Has = Upsert, false, true, Has{}
	v := newView(job)
	if v.Elsewhere {
		v.There = Name{Schema: "pg_temp", Table: "_singular_there"}.SQL()
	}
	return render("ignore.sql", v)
}

// Remember returns the statement that adds the staged batch's keys to the table seen, for [RemoveUnseen]. That table
// has the key's columns and a unique index over them. It is to be run before the statements of [Load]: those of mode
// History take the rows out of the staged table that say nothing new. So it reads that table itself, and none that
// [Load] makes of it.
func Remember(job Job, seen Name) ([]Statement, error) {
	if len(job.Key) == 0 {
		return nil, errors.New("remember keys: there is no key")
	}
	v := newView(job)
	v.Seen, v.Staged = seen.SQL(), job.Staged.SQL()
	return render("remember", v)
}

// RemoveUnseen returns the statements that remove the rows of the target whose key is not in the table seen: a full
// snapshot has ended. There are none if removed rows are neither deleted nor marked.
func RemoveUnseen(job Job, seen Name) ([]Statement, error) {
	if len(job.Key) == 0 {
		return nil, errors.New("remove unseen rows: there is no key")
	}
	job.Stretch = nil // it is a batch's
	v := newView(job)
	v.Seen = seen.SQL()
	if v.Elsewhere {
		v.Unseen = unseen
		v.Removing = v.History || v.SoftDelete || v.HardDelete || v.SingerMark != ""
	}
	return render("remove.sql", v)
}

// unseen is the table of the keys that a snapshot did not bring.
var unseen = Name{Schema: "pg_temp", Table: "_singular_unseen"}.SQL()

// RemoveVersions returns the statements that remove the rows of versions before version and those without any: Singer's
// ACTIVATE_VERSION. There are none if removed rows are neither deleted nor marked.
func RemoveVersions(job Job, version int64) ([]Statement, error) {
	if job.Version == "" {
		return nil, errors.New("remove versions: there is no version column")
	}
	v := newView(job)
	v.Before = version
	return render("remove.sql", v)
}

// Effect says what the row count in a statement's command tag means.
type Effect uint8

// The effects. Writes is an INSERT … ON CONFLICT, which inserts and updates; its tag counts both together. (RETURNING
// xmax would tell them apart for 5 % of the time, and fails on partitioned tables.)
const (
	Prepares Effect = iota // nothing in the target
	Inserts
	Updates
	Deletes // or marks, or closes, as the mode removes
	Writes
	Checks  // nothing: it fails with division_by_zero (22012) where a row breaks the rule that it checks
	Ignores // nothing: it leaves records out
	Tells   // nothing: its row has three numbers, of the rows that were inserted, updated and deleted
	Passes  // nothing: its rows are new records whose row a later tombstone of the batch deletes again
	Asks    // nothing: its row is what the caller asked
)

// Statement is one statement, without a semicolon at its end.
type Statement struct {
	SQL    string
	Effect Effect
	// Column is the column that a statement with effect Checks is about.
	Column string
}

// Count reads the number of rows from the statement's command tag. The rows of a Writes statement count as updated.
func (s Statement) Count(rows int64) (inserted, updated, deleted int64) {
	switch s.Effect {
	case Inserts:
		return rows, 0, 0
	case Updates, Writes:
		return 0, rows, 0
	case Deletes:
		return 0, 0, rows
	default:
		return 0, 0, 0
	}
}

// render fills a template and cuts it into statements. The text before the first of them is for readers of the file.
func render(name string, v *view) ([]Statement, error) {
	var b strings.Builder
	if err := templates().ExecuteTemplate(&b, name, v); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	var statements []Statement
	for _, part := range strings.Split(b.String(), startOfStatement)[1:] {
		s := Statement{Effect: Effect(part[0] - '0'), SQL: strings.TrimSuffix(strings.TrimSpace(part[1:]), ";")}
		if s.Effect == Checks {
			var index string
			index, s.SQL, _ = strings.Cut(s.SQL, "\n")
			at, err := strconv.Atoi(index)
			if err != nil {
				return nil, fmt.Errorf("render %s: %w", name, err)
			}
			s.Column = v.job.Columns[at].Name
		}
		statements = append(statements, s)
	}
	return v.guard(statements), nil
}
