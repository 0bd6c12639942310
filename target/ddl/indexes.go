package ddl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/index"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

// The setting indexes: a new table gets its indexes in the transaction that creates it. A table that is there gets them
// at the end of the run, when no rows wait for that; before its first row they are tried on an empty table, so that a
// mistake in the setting costs no load.

// indexesDone is what was done about the indexes of tables.
type indexesDone struct {
	// known are the indexes that settings asked for when the run came to a table, by the name of the table.
	known map[merge.Name][]string
	// wanted are those that the streams of a table ask for.
	wanted map[merge.Name][]index.Index
	// tried has the indexes that were tried on the likeness of their table, or shown. looked has the tables whose
	// unfinished ones are dropped.
	tried, looked map[merge.Name]bool
}

// createIndexes makes the indexes of a table in the transaction that creates it.
func (m *Migrator) createIndexes(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec) error {
	if len(want.Indexes) == 0 {
		return nil
	}
	table := merge.Name{Schema: want.Schema, Table: want.Name}
	if _, err := conn.Exec(ctx, merge.RolePath); err != nil {
		return err
	}
	for _, i := range want.Indexes {
		if _, err := conn.Exec(ctx, i.On(table, false)); err != nil {
			return indexError(want.Stream, i, err)
		}
	}
	_, err := conn.Exec(ctx, merge.PinnedPath)
	return err
}

// indexError names the setting; what may go better another time stays transient.
func indexError(stream string, i index.Index, err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || failure.Transient(failure.FromServer(stream, "", err)) {
		return err
	}
	return &failure.Error{
		Blame: failure.Configuration, Stream: stream, Err: failure.Cause(pg),
		Reason: fmt.Sprintf("the index over (%s) that the setting indexes asks for: %s", strings.Join(i.Columns, ", "), ownWords(pg)),
		Hint:   fmt.Sprintf("correct %s; --dry-run prints the statement", config.StreamEntry(stream, `"indexes": …`)),
	}
}

// CheckIndexes looks before the first row whether the indexes that a table lacks can be made. It asks the server only
// about indexes that are missing.
func (m *Migrator) CheckIndexes(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, skipped []string) error {
	have, err := m.LookUp(ctx, conn, want.Schema, want.Name)
	if err != nil || have == nil {
		return err
	}
	for _, i := range want.Indexes {
		for _, column := range i.Columns {
			if slices.Contains(skipped, column) {
				return &failure.Error{
					Blame: failure.Configuration, Stream: want.Stream, Column: column,
					Reason: "the setting indexes names a field that migration_policy.new_fields leaves out",
					Hint:   "set new_fields to add, or leave the field out of indexes",
				}
			}
		}
	}
	table := merge.Name{Schema: want.Schema, Table: want.Name}
	if _, known := m.indexed.known[table]; !known {
		m.indexed.known[table] = index.Known(have)
	}
	if m.dryRun != nil {
		return nil
	}
	if missing := m.untried(want, index.Missing(have, want.Indexes)); len(missing) > 0 {
		if err := m.tryIndexes(ctx, conn, want, have, missing); err != nil {
			return err
		}
		m.markTried(want, missing)
	}
	if have.Owned && !m.indexed.looked[table] {
		err = m.unblock(ctx, conn, want, have)
	}
	m.indexed.looked[table] = err == nil
	return err
}

// untried are those of some indexes of a table that were not tried or shown yet.
func (m *Migrator) untried(want migrate.TableSpec, indexes []index.Index) []index.Index {
	return slices.DeleteFunc(slices.Clone(indexes), func(i index.Index) bool { return m.indexed.tried[merge.Name{Schema: want.Schema, Table: i.Name}] })
}

func (m *Migrator) markTried(want migrate.TableSpec, indexes []index.Index) {
	for _, i := range indexes {
		m.indexed.tried[merge.Name{Schema: want.Schema, Table: i.Name}] = true
	}
}

// CheckSharedIndexes does the same for a stream whose rows go into the table of another one, which asks for the indexes
// others. A dry run shows what the end of the run would make.
func (m *Migrator) CheckSharedIndexes(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, others []index.Index) error {
	have, err := m.LookUp(ctx, conn, want.Schema, want.Name)
	if err != nil {
		return err
	}
	if err := migrate.CheckUnique(have, want); err != nil {
		return err
	}
	if m.dryRun == nil {
		return m.CheckIndexes(ctx, conn, want, nil)
	}
	writable, missing := !want.Partition.On(), index.Beyond(want.Indexes, others)
	if have != nil {
		writable, missing = index.Writable(have), index.Missing(have, missing)
	}
	p := &migrate.Plan{}
	for _, i := range m.untried(want, missing) {
		p.Indexes = append(p.Indexes, i.On(merge.Name{Schema: want.Schema, Table: want.Name}, writable))
	}
	m.markTried(want, missing)
	return m.show(want, p)
}

// WantIndexes takes note of the indexes that one stream of a table asks for.
func (m *Migrator) WantIndexes(table merge.Name, indexes []index.Index) {
	m.indexed.wanted[table] = append(m.indexed.wanted[table], indexes...)
}

// TellLeft tells which indexes of a table are left of an earlier setting.
func (m *Migrator) TellLeft(table merge.Name, stream string) {
	if left := index.Left(m.indexed.known[table], m.indexed.wanted[table]); len(left) > 0 {
		m.log.Info("indexes that are no longer in the setting indexes are kept: drop those that you do not need", "stream", stream, "indexes", strings.Join(left, ", "))
	}
}

// unblock drops what is left of indexes that could not be made, before rows come that a unique one would refuse.
func (m *Migrator) unblock(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, have *pgcatalog.Table) error {
	dropped, err := index.Unblock(ctx, conn, m.config.Begin(), have)
	if len(dropped) > 0 {
		m.cache.Forget(want.Schema)
		m.log.Info("dropped an index that an interrupted run left unfinished: no query uses it, and it may refuse rows", "stream", want.Stream, "indexes", strings.Join(dropped, ", "))
	}
	return err
}

// tryIndexes makes the indexes on an empty table that is like the stream's, and takes both back.
func (m *Migrator) tryIndexes(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, have *pgcatalog.Table, missing []index.Index) error {
	try := merge.Name{Schema: "pg_temp", Table: "_singular_indexed"}
	defer pgtx.Rollback(ctx, conn)
	_, err := pgtx.Script(ctx, conn, []string{m.config.Begin(), "CREATE TEMP TABLE " + try.SQL() + " (LIKE " + have.String() + ")", merge.RolePath})
	if code := failure.SQLState(err); code == pgerrcode.InsufficientPrivilege || code == pgerrcode.FeatureNotSupported {
		return nil // the end of the run will show
	}
	if err != nil {
		return err
	}
	for _, i := range missing {
		if _, err := conn.Exec(ctx, i.On(try, false)); err != nil {
			return indexError(want.Stream, i, err)
		}
	}
	return nil
}

// MakeIndexes makes the indexes that a table with rows lacks, outside any transaction, at the end of a run. One that
// cannot be made is worth a warning: the rows are there, and a later run tries again.
func (m *Migrator) MakeIndexes(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec) error {
	have, known := m.cache.Known(want.Schema, want.Name)
	if m.dryRun != nil || known && have != nil && !want.Replaced && len(index.Missing(have, want.Indexes)) == 0 {
		return nil
	}
	have, err := m.read(ctx, conn, pgcatalog.Query{Schema: want.Schema, Name: want.Name})
	if err != nil || have == nil {
		return err
	}
	missing := index.Missing(have, want.Indexes)
	if len(missing) == 0 {
		return nil
	}
	if !have.Owned || have.Kind == pgcatalog.ForeignTable {
		m.notIndexed(want, have, missing[0], fmt.Sprintf("only its owner %q can make one", have.Owner), have.Owned)
		return nil
	}
	for _, i := range missing {
		if err := m.makeIndex(ctx, conn, want, have, i); err != nil {
			return err
		}
	}
	return nil
}

// makeIndex makes one index. It returns an error only where the connection is lost.
func (m *Migrator) makeIndex(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, have *pgcatalog.Table, i index.Index) error {
	blocks, err := index.Make(ctx, conn, m.config.Begin(), have, i)
	if index.Raced(err) && !conn.IsClosed() {
		now, lookErr := m.read(ctx, conn, pgcatalog.Query{Schema: want.Schema, Name: want.Name})
		if lookErr != nil || now == nil || len(index.Missing(now, []index.Index{i})) == 0 {
			return lookErr
		}
		have = now
		blocks, err = index.Make(ctx, conn, m.config.Begin(), have, i)
	}
	var pg *pgconn.PgError
	switch {
	case err == nil:
		m.note(want, &migrate.Plan{Notes: []string{migrate.Created(i, have.String())}})
		if blocks {
			m.log.Info("sessions that write to the table waited while the index was created: PostgreSQL cannot create it CONCURRENTLY here", "stream", want.Stream, "index", i.Name)
		}
	case errors.Is(err, index.ErrUnderWay):
		m.log.Info(err.Error()+": it is left to that, or to a later run", "stream", want.Stream, "index", i.Name)
	case conn.IsClosed() || !errors.As(err, &pg):
		return err
	case pg.Code == pgerrcode.UniqueViolation:
		m.log.Warn("the unique index is not created: rows repeat the values of its columns; a later run creates it when no rows do", "stream", want.Stream,
			"index", i.Name, "columns", strings.Join(i.Columns, ", "))
	default:
		m.notIndexed(want, have, i, failure.SafeMessage(pg), true)
	}
	return nil
}

// notIndexed warns of an index that cannot be made.
func (m *Migrator) notIndexed(want migrate.TableSpec, have *pgcatalog.Table, i index.Index, because string, owned bool) {
	if have.Kind == pgcatalog.ForeignTable {
		because = "a foreign table has none"
	}
	about := []any{"stream", want.Stream, "table", have.String(), "columns", strings.Join(i.Columns, ", "), "because", because}
	if !owned {
		about = append(about, "hint", "run as the owner: "+i.On(merge.Name{Schema: have.Schema, Table: have.Name}, index.Writable(have)))
	}
	m.log.Warn("the table does not get the index that the setting indexes asks for", about...)
}
