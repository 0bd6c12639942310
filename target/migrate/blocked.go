package migrate

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-json"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

//go:embed sql/blockers.sql
var blockersSQL string

// retyping is a column that a migration gives a wider type.
type retyping struct {
	column, from, to string
	// action is that of the ALTER TABLE.
	action string
}

func (r retyping) String() string {
	return fmt.Sprintf("its type %s cannot be widened to %s", r.from, r.to)
}

// blocker is an object of the database that uses a column whose type is to change.
type blocker struct {
	column, what, drop string
	// hard is true where PostgreSQL refuses every change of type because of it.
	hard bool
}

// explain explains why the server refused to widen columns: it names what uses them and the statements that help. Any other
// error is returned as it is.
func (m *Migrator) explain(ctx context.Context, conn *pgx.Conn, want Spec, have *pgcatalog.Table, p *Plan, err error) error {
	if p != nil && len(p.viewsDropped) > 0 && failure.SQLState(err) == pgerrcode.DependentObjectsStillExist {
		return p.held(err)
	}
	if p != nil && have != nil && len(p.retyped) == 0 && failure.SQLState(err) == pgerrcode.InsufficientPrivilege {
		return p.denied(want, have, err)
	}
	if p == nil || have == nil || len(p.retyped) == 0 || failure.SQLState(err) == "" || failure.OfServer(err) || failure.Transient(failure.FromServer("", "", err)) {
		return err
	}
	said := failure.ServerError(err)
	e := &failure.Error{Kind: failure.KindConfig, Err: failure.Cause(said)}
	if !have.Owned {
		p.notOwned(e, have)
		return e
	}
	if p.shards(e, have) {
		return e
	}
	all, asked := blockers(ctx, conn, m.config.Begin(), want, p.retyped)
	if asked != nil {
		return err // the first error says more than one about the explanation
	}
	found := slices.DeleteFunc(slices.Clone(all), func(b blocker) bool { return !b.hard })
	retyped := p.retyped[0]
	if len(found) > 0 {
		retyped = p.retypes(found[0].column)
		found = slices.DeleteFunc(found, func(b blocker) bool { return b.column != retyped.column })
	} else if found = all; len(found) > 0 {
		retyped = p.retypes(found[0].column)
	}
	e.Column = retyped.column
	e.Reason = fmt.Sprintf("%s: %s", retyped, failure.SafeMessage(said))
	if len(found) == 0 {
		e.Hint = "change the table so that its column may have that type"
		return e
	}
	e.Reason += fmt.Sprintf(": the %s uses it", listed(found))
	e.Hint = helpful(found, retyped)
	return e
}

// shards reports whether it is the column by which Citus distributes the table that would have another type, and says so.
func (p *Plan) shards(e *failure.Error, have *pgcatalog.Table) bool {
	at := slices.IndexFunc(p.retyped, func(r retyping) bool { return have.Distributed && slices.Contains(have.Spread, r.column) })
	if at < 0 {
		return false
	}
	e.Column = p.retyped[at].column
	e.Reason = fmt.Sprintf("%s: Citus distributes the table by this column, and lets nobody change its type", p.retyped[at])
	e.Hint = fmt.Sprintf("give it the type that it needs: SELECT undistribute_table(%s), ALTER TABLE … ALTER COLUMN … TYPE …, and distribute the table again",
		pgtx.Literal(have.String()))
	return true
}

// notOwned is the reason of a role that may not alter the table.
func (p *Plan) notOwned(e *failure.Error, have *pgcatalog.Table) {
	retyped := p.retyped[0]
	e.Column = retyped.column
	e.Reason = fmt.Sprintf("%s: the role does not own the table, must be owner of table %s", retyped, have)
	e.Denied = &failure.Denial{Kind: "owner", Name: have.Name, Schema: have.Schema, Table: have.Name, Alter: p.statement(have)}
}

// denied tells an error about a missing privilege what the owner of the table can run instead.
func (p *Plan) denied(want Spec, have *pgcatalog.Table, err error) error {
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

// retypes is the change of a column's type.
func (p *Plan) retypes(column string) retyping {
	i := slices.IndexFunc(p.retyped, func(r retyping) bool { return r.column == column })
	return p.retyped[max(i, 0)]
}

// blockers asks what uses the columns.
func blockers(ctx context.Context, conn *pgx.Conn, begin string, want Spec, retyped []retyping) ([]blocker, error) {
	names := make([]string, len(retyped))
	for i, r := range retyped {
		names[i] = r.column
	}
	columns, err := json.Marshal(names)
	if err != nil {
		return nil, err
	}
	result, err := pgtx.Ask(ctx, conn, begin, pgtx.Fill(blockersSQL, pgtx.Qualified(want.Schema, want.Name), string(columns)))
	if err != nil {
		return nil, err
	}
	found := make([]blocker, len(result.Rows))
	for i, row := range result.Rows {
		found[i] = blocker{column: string(row[0]), what: string(row[1]), drop: string(row[2]), hard: string(row[3]) == "t"}
	}
	return found, nil
}

// mostNamed bounds how many blockers an error names.
const mostNamed = 10

// listed names blockers in words.
func listed(found []blocker) string {
	words := make([]string, 0, len(found))
	for _, b := range found[:min(len(found), mostNamed)] {
		words = append(words, b.what)
	}
	text := strings.Join(words, ", the ")
	if more := len(found) - mostNamed; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}

// helpful is what to do about blockers.
func helpful(found []blocker, r retyping) string {
	var statements []string
	again := "save its definition (pg_dump --schema-only), run these statements, load again, and create it anew: "
	for _, b := range found[:min(len(found), mostNamed)] {
		switch {
		case b.drop == "":
			return "PostgreSQL never changes the type of a partition key: create another table with that type, copy the rows, and rename it"
		case strings.HasSuffix(b.drop, " "): // a parent's ALTER TABLE
			statements, again = append(statements, b.drop+r.action), "change the type there, and run again: "
		default:
			statements = append(statements, b.drop)
		}
	}
	return again + strings.Join(statements, "; ")
}
