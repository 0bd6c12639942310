package staging

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/target/revision"
	"target-postgres/target/stream"
	"target-postgres/typemap"
)

// A replace keeps the last record of a key. Should the stream's own table refuse that one at the end, the input has
// gone by, and an earlier record of the key has to take its place. So the records of keys that come more than once are
// kept in a table of their own.

// prepareSuperseded makes that table, or brings it up to the stream's schema. It is only needed where the stream's own
// table may refuse what the staging table takes, and refused records are set aside.
func (g *Stager) prepareSuperseded(ctx context.Context, conn *pgx.Conn, s *stream.Stream, have *pgcatalog.Table) error {
	if s.Lines == "" || !s.Keyed() || !s.SetsAside() || have.Place() != merge.Here {
		return nil
	}
	name, comment := g.supersededOf(s)
	if s.Superseded.Name.Table == "" {
		if err := g.forgetSuperseded(ctx, conn, s, name); err != nil {
			return err
		}
	}
	want, brought := g.supersededSpec(s, have, stagingTable{name: name, comment: comment, lines: s.Lines}, s.Staged)
	_, err := g.Migrator.Ensure(ctx, conn, want, config.MigrationPolicy{MissingFields: config.KeepMissingFields})
	s.Superseded = merge.Superseded{Name: merge.Name{Schema: s.SchemaName, Table: name}, Brought: brought}
	return err
}

// supersededSpec asks for such a table. brought is its column for what a record brings.
func (g *Stager) supersededSpec(s *stream.Stream, have *pgcatalog.Table, as stagingTable, former []merge.Column) (want migrate.TableSpec, brought string) {
	once := *s
	once.Exchanges = false
	want = g.stagingSpec(&once, have, as)
	for _, c := range former {
		want.Columns = append(want.Columns, migrate.Column{Name: c.Name, Type: c.Type, Exact: true})
	}
	brought = revision.Unused("_singular_brought", func(name string) bool { return want.Has(name) || have.Column(name) != nil })
	want.Columns = append(want.Columns, migrate.Column{Name: brought, Type: typemap.ParseType("text[]")})
	want.Key, want.NullKeys = append(append([]string{}, s.Key...), as.lines), true
	return want, brought
}

// orphanedSuperseded finds the table in which a cancelled refresh kept such records, and alters it to the stream's
// schema. A table of another key, or one whose own columns had other names, is of no use.
func (g *Stager) orphanedSuperseded(s *stream.Stream, left stream.Orphan) (kept merge.Superseded, _ error) {
	have, _ := g.Catalog.Known(s.SchemaName, s.TableName)
	if have == nil || !s.Keyed() {
		return kept, nil
	}
	return kept, g.Pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
		name := supersededBy(s, left.Generation)
		there, err := g.Migrator.LookUp(ctx, conn, s.SchemaName, name)
		if err != nil || there == nil {
			return err
		}
		want, brought := g.supersededSpec(s, have, stagingTable{name: name, comment: there.Comment, lines: stream.LineColumn(s, have)}, left.Former)
		if there.Column(brought) == nil || there.Unique(want.Key) == nil {
			return nil
		}
		if _, err = g.Migrator.Ensure(ctx, conn, want, config.MigrationPolicy{MissingFields: config.KeepMissingFields}); err == nil {
			kept = merge.Superseded{Name: merge.Name{Schema: s.SchemaName, Table: name}, Brought: brought}
		}
		return err
	})
}

// supersededOf names the table and says in its comment whose it is. That of a refresh outlives the run, as its staging
// table does.
func (g *Stager) supersededOf(s *stream.Stream) (name, comment string) {
	if !s.StagesRefresh() {
		return g.tableName(s, "superseded"), label(s, "superseded records")
	}
	generation := *s.Schema.Generation
	return supersededBy(s, generation), label(s, "superseded records") + ", generation " + strconv.FormatInt(generation, 10)
}

// supersededBy names the table of a refresh.
func supersededBy(s *stream.Stream, generation int64) string {
	return typemap.Identifier(fmt.Sprintf("_singular_superseded_%d_%s", generation, s.TableName))
}

//go:embed sql/former_lines.sql
var formerLinesSQL string

// forgetSuperseded drops the rows that an interrupted replace left. Those of an interrupted refresh go on, but their
// lines are those of another input: they become negative, which keeps their order.
func (g *Stager) forgetSuperseded(ctx context.Context, conn *pgx.Conn, s *stream.Stream, name string) error {
	if !s.StagesRefresh() {
		return g.dropOrphans(ctx, conn, s, "superseded records")
	}
	there, err := g.Migrator.LookUp(ctx, conn, s.SchemaName, name)
	if err != nil || there == nil || there.Column(s.Lines) == nil {
		return err
	}
	update := strings.NewReplacer("{table}", pgtx.Qualified(s.SchemaName, name), "{line}", typemap.Quote(s.Lines)).Replace(formerLinesSQL)
	return g.transact(ctx, conn, func() error {
		_, err := conn.Exec(ctx, update)
		return err
	})
}

// dropSuperseded are the statements that drop the table once the swap is done. An earlier sync with other settings may
// have made it.
func dropSuperseded(s *stream.Stream) []merge.Statement {
	name := s.Superseded.Name
	if s.StagesRefresh() {
		name = merge.Name{Schema: s.SchemaName, Table: supersededBy(s, *s.Schema.Generation)}
	}
	if name.Table == "" {
		return nil
	}
	return []merge.Statement{{SQL: "DROP TABLE IF EXISTS " + name.SQL()}}
}

// dropStaging are the statements that drop the staging table and what is beside it.
func dropStaging(s *stream.Stream) []merge.Statement {
	return append([]merge.Statement{drop(s.Into)}, dropSuperseded(s)...)
}

// replay are the statements that bring superseded records into the stream's table, as the merges brought them into the
// staging table.
func replay(s *stream.Stream, job merge.Job, from merge.Name, patched bool) ([]merge.Statement, error) {
	job.Mode, job.Unique, job.NullKeys, job.Tombstones = merge.Upsert, false, s.Airbyte, merge.Name{}
	job.IgnoreMissing, job.IgnoreConflicts = false, job.IgnoreConflicts && !job.Referenced
	job.Has = merge.Has{Duplicates: true, Unnumbered: true, Patched: patched, Unavailable: patched && job.Meta != ""}
	job.Staged, job.Present, job.Gone = merge.Name{Schema: "pg_temp", Table: "_singular_replayed"}, "", ""
	var selected []string
	for _, c := range job.Columns {
		selected = append(selected, typemap.Quote(c.Name))
	}
	if patched {
		job.Present = s.Unused("_singular_present")
		selected = append(selected, merge.Replayed(job.Columns, s.Superseded.Brought)+" AS "+typemap.Quote(job.Present))
	}
	if mark := hardMark(s); mark != "" {
		job.Gone, job.Has.Removed, job.HardDelete = s.Unused("_singular_gone"), true, true
		selected = append(selected, typemap.Quote(mark)+" IS NOT NULL AS "+typemap.Quote(job.Gone))
	}
	load, err := merge.Load(job)
	if err != nil {
		return nil, err
	}
	create := fmt.Sprintf("CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT %s FROM %s ORDER BY ctid", job.Staged.SQL(), strings.Join(selected, ", "), from.SQL())
	statements := append([]merge.Statement{{SQL: create}}, load...)
	if s.OwnRepeats {
		return statements, nil
	}
	// The planner takes a table that has just been emptied for a small one.
	byIndex := []merge.Statement{{SQL: "SET LOCAL enable_hashjoin TO off"}, {SQL: "SET LOCAL enable_mergejoin TO off"}, {SQL: "SET LOCAL enable_seqscan TO off"}}
	byAnyMean := []merge.Statement{{SQL: "SET LOCAL enable_hashjoin TO DEFAULT"}, {SQL: "SET LOCAL enable_mergejoin TO DEFAULT"}, {SQL: "SET LOCAL enable_seqscan TO DEFAULT"}}
	return slices.Concat(byIndex, statements, byAnyMean), nil
}
