package ddl

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-json"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

//go:embed sql/blockers.sql
var blockersSQL string

// blocker is an object of the database that uses a column whose type is to change.
type blocker struct {
	column, what, drop string
	// hard is true where PostgreSQL refuses every change of type because of it.
	hard bool
}

// explain explains why the server refused to widen columns: it names what uses them and the statements that help. Any
// other error is returned as it is.
func (m *Migrator) explain(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, have *pgcatalog.Table, p *migrate.Plan, err error) error {
	if p != nil && len(p.ViewsDropped) > 0 && failure.SQLState(err) == pgerrcode.DependentObjectsStillExist {
		return p.Held(err)
	}
	if p != nil && have != nil && len(p.Retyped) == 0 && failure.SQLState(err) == pgerrcode.InsufficientPrivilege {
		return p.Denied(want, have, err)
	}
	if p == nil || have == nil || len(p.Retyped) == 0 || failure.SQLState(err) == "" || failure.OfServer(err) || failure.Transient(failure.FromServer("", "", err)) {
		return err
	}
	said := failure.ServerError(err)
	e := &failure.Error{Blame: failure.Configuration, Err: failure.Cause(said)}
	if !have.Owned {
		p.NotOwned(e, have)
		return e
	}
	if p.Shards(e, have) {
		return e
	}
	all, asked := blockers(ctx, conn, m.config.Begin(), want, p.Retyped)
	if asked != nil {
		return err // the first error says more than one about the explanation
	}
	found := slices.DeleteFunc(slices.Clone(all), func(b blocker) bool { return !b.hard })
	retyped := p.Retyped[0]
	if len(found) > 0 {
		retyped = p.Retypes(found[0].column)
		found = slices.DeleteFunc(found, func(b blocker) bool { return b.column != retyped.Column })
	} else if found = all; len(found) > 0 {
		retyped = p.Retypes(found[0].column)
	}
	e.Column = retyped.Column
	e.Reason = fmt.Sprintf("%s: %s", retyped, failure.SafeMessage(said))
	if len(found) == 0 {
		e.Hint = "change the table so that its column may have that type"
		return e
	}
	e.Reason += ": " + inUse(found)
	e.Hint = helpful(found, retyped)
	return e
}

// blockers asks what uses the columns.
func blockers(ctx context.Context, conn *pgx.Conn, begin string, want migrate.TableSpec, retyped []migrate.Retyping) ([]blocker, error) {
	names := make([]string, len(retyped))
	for i, r := range retyped {
		names[i] = r.Column
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

// inUse says what uses a column.
func inUse(found []blocker) string {
	words := make([]string, 0, len(found))
	for _, b := range found[:min(len(found), migrate.MostNamed)] {
		words = append(words, "the "+b.what)
	}
	if more := len(found) - migrate.MostNamed; more > 0 {
		words = append(words, fmt.Sprintf("%d more", more))
	}
	last := len(words) - 1
	if last == 0 {
		return words[0] + " uses it"
	}
	return strings.Join(words[:last], ", ") + " and " + words[last] + " use it"
}

// helpful is what to do about blockers.
func helpful(found []blocker, r migrate.Retyping) string {
	var statements []string
	again := "save its definition (pg_dump --schema-only), run these statements, load again, and create it anew: "
	for _, b := range found[:min(len(found), migrate.MostNamed)] {
		switch {
		case b.drop == "":
			return "PostgreSQL never changes the type of a partition key: create another table with that type, copy the rows, and rename it"
		case strings.HasSuffix(b.drop, " "): // a parent's ALTER TABLE
			statements, again = append(statements, b.drop+r.Action), "change the type there, and run again: "
		default:
			statements = append(statements, b.drop)
		}
	}
	return again + strings.Join(statements, "; ")
}
