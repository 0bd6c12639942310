package target

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// madeKey is the comment of a constraint that the program adds to a table, so that a later run may drop it. A constraint that
// came into being together with a table of ours needs none.
const madeKey = "made by target-postgres"

// unkeying drops a constraint or index that the program made and the stream no longer needs.
type unkeying struct {
	index, statement, note string
	// lost is true where nothing takes its place, primary for a primary key.
	lost, primary bool
	// references are the foreign keys that need it.
	references []string
}

// dropUnneeded drops what the program made for another key or another load mode. What a user added stays.
func (m *migration) dropUnneeded(have *pgcatalog.Table, want wish) {
	for _, i := range have.Indexes {
		theirs := !weMade(have, i, want)
		if (theirs && !replacesKey(have, i, want)) || (!theirs && needsIndex(i, want)) {
			continue
		}
		u := unkeying{
			index: i.Name, primary: i.Primary, references: i.References,
			lost: theirs || (!want.oneRowAKey() && want.mode != merge.History),
		}
		if i.Constraint == "" {
			u.statement = "DROP INDEX " + pgtx.Qualified(have.Schema, i.Name)
		} else {
			u.statement = "ALTER TABLE " + have.String() + "\n    DROP CONSTRAINT " + typemap.Quote(i.Constraint)
			for _, name := range nullableColumns(have, i, want) {
				u.statement += ",\n    ALTER COLUMN " + typemap.Quote(name) + " DROP NOT NULL"
			}
		}
		u.note = fmt.Sprintf("dropped the %s (%s) of %s: %s", indexKind(i), strings.Join(i.Columns, ", "), have, want.reason())
		if i.Plain() {
			u.note = "" // it only made lookups fast
		}
		m.unkey = append(m.unkey, u)
		if ofActive(i) {
			for _, name := range nullableColumns(have, i, want) {
				m.alter = append(m.alter, "ALTER COLUMN "+typemap.Quote(name)+" DROP NOT NULL")
			}
		}
	}
}

// weMade reports whether the program made an index: it marked the constraint, or nobody else makes such an index, or the
// constraint came with a table of ours. SQL of after_create runs in that transaction as well, and may add constraints.
func weMade(t *pgcatalog.Table, i pgcatalog.Index, want wish) bool {
	versions := i.Predicate == "" && i.Constraint == "" && i.Name == versionsIndex(t.Name)
	return i.Mark == madeKey || (i.Unique && ofActive(i)) || versions ||
		(i.Initial && createdByUs(t) && want.afterCreate == "")
}

// replacesKey reports whether the stream's key and mode replace a primary key that somebody else created together with the table,
// as other loaders do. One with columns that the program does not write, or with an identity that numbers the rows, forbids
// nothing.
func replacesKey(t *pgcatalog.Table, i pgcatalog.Index, want wish) bool {
	notWritten := func(name string) bool {
		c := t.Column(name)
		return !want.has(name) || !c.Writable() || c.Identity != "" && !slices.Contains(want.key, name)
	}
	if !i.Primary || !i.Initial || want.afterCreate != "" || slices.ContainsFunc(i.Columns, notWritten) {
		return false
	}
	if !want.oneRowAKey() {
		return true
	}
	// Rows that differ in the stream's key must differ in the primary key, too.
	return slices.ContainsFunc(want.key, func(name string) bool { return !slices.Contains(i.Columns, name) })
}

// createdByUs reports whether the program created the table: its comment says so.
func createdByUs(t *pgcatalog.Table) bool {
	return strings.HasSuffix(t.Comment, madeByUs) || strings.HasPrefix(t.Comment, madeBeside)
}

// needsIndex reports whether a stream has a use for an index that the program made.
func needsIndex(i pgcatalog.Index, want wish) bool {
	switch {
	case ofActive(i):
		return want.mode == merge.History && pgcatalog.SameNames(i.Columns, want.key)
	case i.Plain():
		return want.mode == merge.History && len(want.key) > 0 && pgcatalog.SameNames(i.Columns, want.key)
	default:
		return want.oneRowAKey() && i.Covers(want.key)
	}
}

// nullableColumns lists the columns of a key that was dropped which need not be NOT NULL any more.
func nullableColumns(t *pgcatalog.Table, i pgcatalog.Index, want wish) []string {
	var names []string
	for _, name := range i.Columns {
		c := t.Column(name)
		stays := slices.Contains(want.key, name) && want.mode != merge.Append
		if c != nil && c.NotNull && c.Identity == "" && !stays && (i.Primary || i.Predicate != "") {
			names = append(names, name)
		}
	}
	return names
}

func indexKind(i pgcatalog.Index) string {
	switch {
	case i.Primary:
		return "primary key"
	case i.Constraint != "":
		return "unique constraint"
	default:
		return "unique index"
	}
}

// reason says why the stream has no use for another key.
func (w wish) reason() string {
	switch {
	case len(w.key) == 0:
		return fmt.Sprintf("load mode %s without a key may repeat it", w.mode)
	case w.oneRowAKey():
		return fmt.Sprintf("the stream's key is (%s) now", strings.Join(w.key, ", "))
	default:
		return fmt.Sprintf("load mode %s may repeat it", w.mode)
	}
}

// dropKey drops one of the program's own constraints, in a savepoint: something else may need it. Then it stays, and with it
// what it forbids.
func (t *Target) dropKey(ctx context.Context, conn *pgx.Conn, s *stream, u unkeying, m *migration) error {
	err := t.attempt(ctx, conn, u.statement)
	if code := failure.SQLState(err); code != pgerrcode.DependentObjectsStillExist {
		if err == nil {
			m.noteDrop(u)
		}
		return err
	}
	because, hint := failure.ServerError(err).Detail, "drop what depends on it, and run again"
	if len(u.references) > 0 {
		because = "the foreign key " + strings.Join(u.references, ", ") + " needs it"
		hint = "drop that foreign key to let the stream's rows repeat it"
	}
	t.log.Warn("the key "+u.index+" stays: rows that repeat it are refused", "stream", s.name, "because", because, "hint", hint)
	return nil
}

func (m *migration) noteDrop(u unkeying) {
	switch {
	case u.note == "":
	case u.lost:
		m.warnings = append(m.warnings, u.note)
	default:
		m.notes = append(m.notes, u.note)
	}
}

// attempt runs a statement in a savepoint, so that the transaction goes on when it fails.
func (t *Target) attempt(ctx context.Context, conn *pgx.Conn, statement string) error {
	for _, each := range []string{"SAVEPOINT attempt", statement, "RELEASE SAVEPOINT attempt"} {
		// One message each: Citus sends the whole text of a message to its workers, which take one statement.
		if _, err := conn.Exec(ctx, each); err != nil {
			if failure.SQLState(err) != "" {
				if _, failed := conn.Exec(ctx, "ROLLBACK TO SAVEPOINT attempt"); failed != nil {
					return failed
				}
			}
			return err
		}
	}
	return nil
}

//go:embed sql/mark.sql
var markSQL string

// markKey notes in the database that the program made the newest constraint of a table. The mark is worth no failure.
func (t *Target) markKey(ctx context.Context, conn *pgx.Conn, table string) error {
	var statement string
	err := conn.QueryRow(ctx, pgtx.Fill(markSQL, table, madeKey)).Scan(&statement)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err == nil {
		err = t.attempt(ctx, conn, statement)
	}
	if failure.SQLState(err) != "" {
		return nil
	}
	return err
}
