package migrate

import (
	"fmt"
	"slices"
	"strings"

	"target-postgres/target/failure"
)

// Plan is how a table becomes what it must be: statements in their order, and what to tell. The messages that were
// logged are taken from it.
type Plan struct {
	// Before and After are whole statements, alter the actions of one ALTER TABLE between them.
	Before, alter, After []string
	// nullable are the columns whose NOT NULL alter drops.
	nullable []string
	// Unkey drops keys of the program's own that the stream has no use for, before anything else. Rekey gives the table
	// its key, after everything else, by the first of these statements that works, and RekeyNote says so. None has to
	// work: the rows may forbid it.
	Unkey     []Unkeying
	Rekey     []string
	RekeyNote string
	// fill gives values to rows that lack what a load mode goes by.
	fill []string
	// Notes say what is done, one line each, for a human.
	Notes []string
	// Warnings name what is lost although users may rely on it.
	Warnings []string
	// Leave moves what is history out of a table that is none any more, if there is something to be moved.
	Leave []string
	// Active is the column that is false for what is moved.
	Active string
	// Keyless says why the table is not given the key that it lacks, "" where it is.
	Keyless string
	// View makes the view of active versions, and gives back what the views had that ViewsDropped dropped for the plan.
	// Anew says that the view cannot be replaced.
	View, ViewsDropped []string
	Anew               bool
	// Renamed has the new names of columns that the plan renames.
	Renamed map[string]string
	// Skipped are the columns left out by policy.
	Skipped []string
	// Retyped are the columns whose type alter changes.
	Retyped []Retyping
	// Added counts the columns that an existing table gets.
	Added int
	// Creates is true for a table that is new, AfterCreate the user's own SQL for it, "" for none.
	Creates     bool
	AfterCreate string
	// Indexes make those of the setting indexes: all of a new table, or for show those that a table lacks.
	Indexes []string
	// Partitions make and detach those that the settings ask for, to be shown.
	Partitions []string
}

// mostColumns is PostgreSQL's limit for a table.
const mostColumns = 1600

func countColumns(have, more int) error {
	if have+more <= mostColumns {
		return nil
	}
	return &failure.Error{
		Blame: failure.Configuration, Reason: fmt.Sprintf("the table would have %d columns, and PostgreSQL allows %d", have+more, mostColumns),
		Hint: "deselect fields at the source, or split the stream",
	}
}

// Statements returns the plan as SQL, in order, all but unkey and rekey.
func (p *Plan) Statements(t string) []string {
	statements := slices.Clone(p.Before)
	if len(p.alter) > 0 {
		statements = append(statements, "ALTER TABLE "+t+"\n    "+strings.Join(p.alter, ",\n    "))
	}
	return slices.Concat(statements, p.fill, p.After)
}

// Empty reports whether nothing is to be done.
func (p *Plan) Empty() bool {
	return len(p.Before)+len(p.alter)+len(p.fill)+len(p.After)+len(p.Unkey)+len(p.Rekey)+len(p.View) == 0
}

// Stepwise reports whether the plan is carried out one statement after the other, because an answer decides what comes
// next.
func (p *Plan) Stepwise() bool {
	return len(p.Unkey)+len(p.Rekey)+len(p.Leave) > 0 || p.AfterCreate != "" || p.Creates && len(p.Indexes) > 0
}
