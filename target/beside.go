package target

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/target/stream"
	"target-postgres/typemap"
)

// Tables beside a stream's own hold what must outlive a transaction but not the run: the rows of a replace until they are
// swapped in, and the keys that a full snapshot brought. Their comments say whose they are, so that a later run finds what
// an interrupted one left. The newest run wins: it drops those of an older one, which then fails rather than mix its rows
// with another's.

// prepareBeside makes the tables that the stream needs beside its own, or brings them up to its schema.
func (t *Target) prepareBeside(ctx context.Context, conn *pgx.Conn, s *stream.Stream, have *pgcatalog.Table) error {
	if s.Airbyte {
		if err := t.prepareGeneration(ctx, conn, s, have); err != nil {
			return err
		}
	}
	if err := t.prepareTombstones(ctx, conn, s, have); err != nil {
		return err
	}
	switch {
	case t.committer.Waits(&s.View):
		return t.prepareSpill(ctx, conn, s, have)
	case s.Mode == merge.Replace:
		return t.prepareStaging(ctx, conn, s, have)
	case s.Config.FullSnapshot:
		return t.prepareSeen(ctx, conn, s, have)
	}
	return nil
}

// prepareStaging makes the table in which the rows of a replace gather. It has the stream's columns with the types they
// have in its table.
func (t *Target) prepareStaging(ctx context.Context, conn *pgx.Conn, s *stream.Stream, have *pgcatalog.Table) error {
	if s.Staging == "" {
		if err := t.dropLeftovers(ctx, conn, s, "staging"); err != nil {
			return err
		}
		s.Staging = t.nameBeside(s, "staging")
		s.Exchanges = mayExchange(s, have)
		s.Lines = s.LinesFor(have)
	}
	staged, err := t.bringStaging(ctx, conn, s, have, beside{name: s.Staging, comment: label(s, "staging"), lines: s.Lines})
	if err == nil {
		s.IndexedBy(staged)
	}
	s.Into = merge.Name{Schema: s.SchemaName, Table: s.Staging}
	// Until the swap readers do not see what these rows say.
	t.ledger.hold(s.Since)
	return err
}

// beside is a table with the stream's columns beside its own. lines is the name of one more column, for where its rows stood in the
// input, "" for none.
type beside struct{ name, comment, lines string }

// bringStaging makes a table with the stream's columns, of the types they have in its own table, or brings one up to that.
func (t *Target) bringStaging(ctx context.Context, conn *pgx.Conn, s *stream.Stream, have *pgcatalog.Table, as beside) (*pgcatalog.Table, error) {
	want := s.TableSpec(t.config)
	want.Name, want.Mode, want.Comment = as.name, merge.Append, as.comment
	want.Readers, want.AfterCreate, want.Closed = nil, "", true
	if len(s.Key) > 0 {
		want.Mode = merge.Upsert
	}
	columns := want.Columns[:0]
	for _, c := range want.Columns {
		existing := have.Column(c.Name)
		if existing == nil || !existing.Writable() {
			continue
		}
		c.Type, c.Description, c.Exact = existing.Type(), "", true
		columns = append(columns, c)
	}
	if as.lines != "" {
		columns = append(columns, migrate.Column{Name: as.lines, Type: typemap.BigInt})
	}
	want.Columns = columns
	if s.Exchanges {
		want.Like = like(have)
	}
	if s.Exchanges && as.lines != "" {
		want.Like += ", " + typemap.Quote(as.lines) + " bigint"
	}
	result, err := t.migrator.Ensure(ctx, conn, want, config.MigrationPolicy{MissingFields: config.KeepMissingFields})
	return result.Table, err
}

// prepareSeen makes the table of the keys that a full snapshot brought, or gives it the types that the keys have by now.
func (t *Target) prepareSeen(ctx context.Context, conn *pgx.Conn, s *stream.Stream, have *pgcatalog.Table) error {
	if !s.Keyed() {
		return &failure.Error{
			Kind: failure.KindConfig, Stream: s.Name, Reason: fmt.Sprintf("full_snapshot needs a key, and load mode %s has no use for one", s.Mode),
			Hint: "use load_mode replace, or name the key: " + s.KeyHint(),
		}
	}
	if s.Seen == "" {
		if err := t.dropLeftovers(ctx, conn, s, "keys"); err != nil {
			return err
		}
	}
	seen := t.nameBeside(s, "keys")
	want := migrate.Spec{Schema: s.SchemaName, Name: seen, Stream: s.Name, Mode: merge.Upsert, Key: s.Key, Comment: label(s, "keys"), Closed: true}
	for _, key := range s.Key {
		want.Columns = append(want.Columns, migrate.Column{Name: key, Type: have.Column(key).Type(), Clause: "NOT NULL", Exact: true})
	}
	if _, err := t.migrator.Ensure(ctx, conn, want, config.MigrationPolicy{}); err != nil {
		return err
	}
	s.Seen = seen
	return nil
}

// nameBeside names a table beside the stream's own, of this run alone.
func (t *Target) nameBeside(s *stream.Stream, what string) string {
	return typemap.Identifier("_singular_" + what + "_" + strconv.FormatInt(t.started.UnixNano(), 36) + "_" + s.TableName)
}

// newer says whether a table beside a stream's own is that of a run that began after this one, or less than age before it. Were the older of two runs to
// drop what the newer has for one stream, and the newer what the older has for another, both would fail.
func (t *Target) newer(name string, age time.Duration) bool {
	parts := strings.SplitN(name, "_", 5) // "", singular, what, run, table
	if len(parts) < 5 {
		return false
	}
	began, err := strconv.ParseInt(parts[3], 36, 64)
	return err == nil && began > t.started.Add(-age).UnixNano()
}

// label is the comment of a table beside the stream's own.
func label(s *stream.Stream, what string) string {
	return fmt.Sprintf("target-postgres %s of %s", what, pgtx.Qualified(s.SchemaName, s.TableName))
}

//go:embed sql/leftovers.sql
var leftoversSQL string

// dropLeftovers drops what interrupted runs left beside the stream's table.
func (t *Target) dropLeftovers(ctx context.Context, conn *pgx.Conn, s *stream.Stream, what string) error {
	return t.dropLeftoversOf(ctx, conn, s, what, 0)
}

// dropLeftoversOf drops what runs left that began at least so long ago.
func (t *Target) dropLeftoversOf(ctx context.Context, conn *pgx.Conn, s *stream.Stream, what string, age time.Duration) error {
	left, err := pgtx.Ask(ctx, conn, t.config.Begin(), pgtx.Fill(leftoversSQL, s.SchemaName, label(s, what)))
	if err != nil || len(left.Rows) == 0 {
		return err
	}
	// An attempt that lost its connection may have made one of them, and the catalog may have seen it since.
	defer t.catalog.Forget(s.SchemaName)
	return t.transact(ctx, conn, func() error {
		for _, row := range left.Rows {
			name := string(row[0])
			if t.newer(name, age) {
				continue
			}
			if _, err := conn.Exec(ctx, "DROP TABLE IF EXISTS "+pgtx.Qualified(s.SchemaName, name)); err != nil {
				return err
			}
			t.log.Info("dropped what an interrupted run left", "stream", s.Name, "table", name)
		}
		return nil
	})
}

// complete ends a stream after the input ended cleanly.
func (t *Target) complete(s *stream.Stream) error {
	switch {
	case s.Skip, s.Lead != nil:
		return nil
	case s.Truncates || s.Mode == merge.Replace:
		return t.completeRefresh(s)
	case s.Seen != "":
		return t.removeUnseen(s)
	}
	return nil
}

// removeUnseen removes what a full snapshot did not bring.
func (t *Target) removeUnseen(s *stream.Stream) error {
	seen := merge.Name{Schema: s.SchemaName, Table: s.Seen}
	statements, err := merge.RemoveUnseen(s.Job(), seen)
	if err != nil {
		return &failure.Error{Kind: failure.KindSystem, Stream: s.Name, Reason: "remove what the snapshot lacks", Err: err}
	}
	if len(statements) == 0 {
		t.log.Warn("full_snapshot removes nothing in load mode upsert without hard_delete: use soft_delete or history, or set hard_delete",
			"stream", s.Name)
	}
	return t.removeGone(s, "remove what the snapshot lacks", append(statements, drop(seen)), seen)
}

func drop(name merge.Name) merge.Statement { return merge.Statement{SQL: "DROP TABLE " + name.SQL()} }
