package migrate

import (
	"fmt"
	"slices"
	"strings"

	"target-postgres/target/failure"
)

// Plan is how a table becomes what it must be: statements in their order, and what to tell. Whoever carries it out takes from it
// what was told.
type Plan struct {
	// before and after are whole statements, alter the actions of one ALTER TABLE between them.
	before, alter, after []string
	// unkey drops keys of the program's own that the stream has no use for, before anything else. rekey gives the table its
	// key, after everything else, by the first of these statements that works. None has to: the rows may forbid it.
	unkey     []unkeying
	rekey     []string
	rekeyNote string
	// fill gives values to rows that lack what a load mode goes by.
	fill []string
	// notes say what is done, one line each, for a human.
	notes []string
	// warnings say what somebody may rely on and loses.
	warnings []string
	// leave moves what is history out of a table that is none any more, if there is something to be moved.
	leave []string
	// active is the column that is false for what is moved.
	active string
	// keyless says why the table is not given the key that it lacks, "" where it is.
	keyless string
	// view makes the view of active versions, and gives back what views had that viewsDropped were dropped for the plan. anew says that
	// the view cannot be replaced, renames that the plan renames a column.
	view, viewsDropped []string
	anew, renames      bool
	// skipped are the columns left out by policy.
	skipped []string
	// retyped are the columns whose type alter changes.
	retyped []retyping
	// added counts the columns that an existing table gets.
	added int
	// creates is true for a table that is new, afterCreate the user's own SQL for it.
	creates     bool
	afterCreate string
	// indexes make those of the setting indexes: all of a new table, or for show those that a table lacks.
	indexes []string
}

// mostColumns is PostgreSQL's limit for a table.
const mostColumns = 1600

func countColumns(have, more int) error {
	if have+more <= mostColumns {
		return nil
	}
	return &failure.Error{
		Kind: failure.KindConfig, Reason: fmt.Sprintf("the table would have %d columns, and PostgreSQL allows %d", have+more, mostColumns),
		Hint: "deselect fields at the source, or split the stream",
	}
}

// statements returns the plan as SQL, in order, all but unkey and rekey.
func (p *Plan) statements(t string) []string {
	statements := slices.Clone(p.before)
	if len(p.alter) > 0 {
		statements = append(statements, "ALTER TABLE "+t+"\n    "+strings.Join(p.alter, ",\n    "))
	}
	return slices.Concat(statements, p.fill, p.after)
}

func (p *Plan) empty() bool {
	return len(p.before)+len(p.alter)+len(p.fill)+len(p.after)+len(p.unkey)+len(p.rekey)+len(p.view) == 0
}

// stepwise reports whether the plan is carried out one statement after the other, because an answer decides what comes next.
func (p *Plan) stepwise() bool {
	return len(p.unkey)+len(p.rekey)+len(p.leave) > 0 || p.afterCreate != "" || p.creates && len(p.indexes) > 0
}
