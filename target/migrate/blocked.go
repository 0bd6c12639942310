package migrate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

// Retyping is a column that a migration gives a wider type.
type Retyping struct {
	// Column is its name, unquoted; from and to are the types.
	Column, from, to string
	// Action is that of the ALTER TABLE.
	Action string
}

// String is the reason of an error about it.
func (r Retyping) String() string {
	return fmt.Sprintf("its type %s cannot be widened to %s", r.from, r.to)
}

// Shards reports whether it is the column by which Citus distributes the table that would have another type, and says
// so.
func (p *Plan) Shards(e *failure.Error, have *pgcatalog.Table) bool {
	at := slices.IndexFunc(p.Retyped, func(r Retyping) bool { return have.Distributed && slices.Contains(have.Spread, r.Column) })
	if at < 0 {
		return false
	}
	e.Column = p.Retyped[at].Column
	e.Reason = fmt.Sprintf("%s: Citus distributes the table by this column, and does not let its type change", p.Retyped[at])
	e.Hint = fmt.Sprintf("give it the type that it needs: SELECT undistribute_table(%s), ALTER TABLE … ALTER COLUMN … TYPE …, and distribute the table again",
		pgtx.Literal(have.String()))
	return true
}

// NotOwned is the reason of a role that may not alter the table.
func (p *Plan) NotOwned(e *failure.Error, have *pgcatalog.Table) {
	retyped := p.Retyped[0]
	e.Column = retyped.Column
	e.Reason = fmt.Sprintf("%s: the role does not own the table, must be owner of table %s", retyped, have)
	e.Denied = &failure.Denial{Kind: failure.DeniedOwnership, Name: have.Name, Schema: have.Schema, Table: have.Name, Alter: p.statement(have)}
}

// Denied tells an error about a missing privilege what the owner of the table can run instead.
func (p *Plan) Denied(want TableSpec, have *pgcatalog.Table, err error) error {
	err = failure.Concerning(want.Schema, want.Name, failure.FromServer("", "prepare table "+have.String(), err))
	if e, ok := errors.AsType[*failure.Error](err); ok && e.Denied != nil {
		e.Denied.Alter = p.statement(have)
	}
	return err
}

// statement is the ALTER TABLE of the migration, "" where it has none.
func (p *Plan) statement(have *pgcatalog.Table) string {
	if len(p.alter) == 0 {
		return ""
	}
	return "ALTER TABLE " + have.String() + " " + strings.Join(p.alter, ", ")
}

// Retypes is the change of a column's type.
func (p *Plan) Retypes(column string) Retyping {
	i := slices.IndexFunc(p.Retyped, func(r Retyping) bool { return r.Column == column })
	return p.Retyped[max(i, 0)]
}

// MostNamed bounds how many blockers an error names.
const MostNamed = 10
