package target

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// A table may leave load mode history and come back. Its active versions are the rows then; the closed ones are moved to a
// table of their own, so that nothing is lost. The columns of the versions stay, for views that use them, and the comment of
// one says that nobody keeps them. (docs/adr/0019-keys-and-modes-that-change.md)

// left is that comment.
const left = "not kept: the load mode is no longer history"

// versions takes a table into load mode history or out of it.
func (m *migration) versions(have *pgcatalog.Table, want wish) error {
	active := have.Column(activeColumn)
	kept := active != nil && active.Comment != left
	switch {
	case want.mode == merge.History && !kept:
		if active != nil {
			m.after = append(m.after, commentOn(have.String(), activeColumn, ""))
		}
		if have.Column(deletedColumn) != nil {
			m.after = append(m.after, have.Changing(fmt.Sprintf("UPDATE %s\nSET %s = greatest(coalesce(%[2]s, pg_catalog.now()), %s),\n    %s = false\nWHERE %s",
				have, typemap.Quote(endColumn), typemap.Quote(startColumn), typemap.Quote(activeColumn), typemap.Quote(deletedColumn)))...)
		}
	case want.mode != merge.History && kept:
		return m.leaveVersions(have, want)
	}
	return nil
}

func (m *migration) leaveVersions(have *pgcatalog.Table, want wish) error {
	if have.Place() != merge.Here || !have.Owned {
		return &failure.Error{
			Kind: failure.KindConfig, Reason: fmt.Sprintf("%s holds the versions of load mode history, and the load mode is %s now", have, want.mode),
			Hint: "load into another table with " + setting(want.stream, "table", `"…"`) + ", or set load_mode back to history",
		}
	}
	if want.mode == merge.SoftDelete {
		m.leave = append(m.leave, have.Changing(removedOf(have, want))...)
	}
	closed := pgtx.Qualified(have.Schema, typemap.Identifier(have.Name+"_singular_closed_"+time.Now().UTC().Format("20060102150405")))
	m.leave = append(m.leave,
		fmt.Sprintf("CREATE TABLE %s (LIKE %s)", closed, have),
		fmt.Sprintf("REVOKE ALL ON TABLE %s FROM %s CASCADE", closed, strings.Join(append([]string{"PUBLIC"}, want.defaults[have.Schema]...), ", ")),
		fmt.Sprintf("COMMENT ON TABLE %s IS %s", closed, pgtx.Literal("Closed versions of "+have.String()+", "+madeByUs)))
	m.leave = append(m.leave,
		have.Changing(fmt.Sprintf("WITH closed AS (\n    DELETE FROM %s\n    WHERE NOT %s\n    RETURNING *\n)\nINSERT INTO %s\nSELECT *\nFROM closed",
			have, typemap.Quote(activeColumn), closed))...)
	m.after = append(m.after, commentOn(have.String(), activeColumn, left))
	m.warnings = append(m.warnings, fmt.Sprintf("%s holds the versions of load mode history, and the load mode is %s now: "+
		"active versions stay, closed ones are moved to %s", have, want.mode, closed))
	return nil
}

//go:embed sql/removed.sql
var removedSQL string

// removedOf is the statement that keeps the last version of every key that has no active one, as a row that is marked deleted.
func removedOf(t *pgcatalog.Table, want wish) string {
	return strings.NewReplacer("$table", t.String(), "$key", pgtx.QuoteAll(want.key), "$active", typemap.Quote(activeColumn),
		"$end", typemap.Quote(endColumn), "$start", typemap.Quote(startColumn), "$deleted", typemap.Quote(deletedColumn)).Replace(removedSQL)
}

// leaveHistory moves the closed versions, if there are any.
func (t *Target) leaveHistory(ctx context.Context, conn *pgx.Conn, want wish, m *migration) error {
	if len(m.leave) == 0 {
		return nil
	}
	var some bool
	err := conn.QueryRow(ctx, fmt.Sprintf("SELECT EXISTS (SELECT FROM %s WHERE NOT %s)",
		pgtx.Qualified(want.schema, want.name), typemap.Quote(activeColumn))).Scan(&some)
	if err != nil || !some {
		return err
	}
	for _, statement := range m.leave {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// asGuest leaves out what only the owner of a table may do and the rows can do without. What they need is left in, for the
// server to refuse.
func (m *migration) asGuest(have *pgcatalog.Table) {
	if len(m.alter) > 0 {
		return
	}
	only := fmt.Sprintf("only its owner %q can", have.Owner)
	for _, u := range m.unkey {
		if u.note != "" {
			what := strings.TrimPrefix(u.note, "dropped ")
			what, _, _ = strings.Cut(what, ":")
			m.notes = append(m.notes, fmt.Sprintf("%s stays, and rows that repeat it are refused: %s drop it", what, only))
		}
	}
	if len(m.rekey) > 0 {
		m.keyless = only + " make one"
	}
	m.unkey, m.rekey, m.after = nil, nil, nil
	m.notes = slices.DeleteFunc(m.notes, func(note string) bool { return strings.HasSuffix(note, noLongerDeprecated) })
}
