package staging

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/target/revision"
	"target-postgres/target/staged"
	"target-postgres/target/stream"
	"target-postgres/target/systemcolumn"
	"target-postgres/typemap"
)

// Airbyte numbers the generations of a stream. A sync whose minimum_generation_id equals its generation_id replaces
// what older generations brought: its rows gather in a table beside the stream's own until the source says COMPLETE.
// Unlike the staging table of a replace that table outlives the run: a STATE that was emitted for its rows holds, so
// the next run goes on with it, or merges it if the refresh was cancelled. Its existence is all there is to know about
// an unfinished refresh; its comment says of which table and generation it is. (docs/adr/0009-generations.md)

//go:embed sql/generations.sql
var generationsSQL string

// prepareGeneration decides where the rows of a stream with generations go, before its first row. It leaves in
// s.adopted what an unfinished refresh left and this sync does not go on with.
func (g *Stager) prepareGeneration(ctx context.Context, conn *pgx.Conn, s *stream.Stream, have *pgcatalog.Table) error {
	if s.GenerationResolved {
		if s.Staging != "" {
			return g.stage(ctx, conn, s, have)
		}
		return nil
	}
	s.Adopted = nil
	kept, err := g.orphans(ctx, conn, s)
	if err != nil {
		return err
	}
	switch {
	case !s.StagesRefresh():
		s.Adopted = kept
	case len(kept) > 0:
		last := len(kept) - 1
		s.Staging, s.Adopted = kept[last].Name, kept[:last]
		s.Lines = s.LinesFor(have)
		if err := g.forgetLines(ctx, conn, s); err != nil {
			return err
		}
		g.Log.Info("resuming an unfinished refresh", "stream", s.Name, "generation", *s.Schema.Generation)
	default:
		older, err := g.needsStaging(ctx, conn, s)
		if err != nil {
			return err
		}
		if older {
			s.Staging = typemap.Identifier(fmt.Sprintf("_singular_generation_%d_%s", *s.Schema.Generation, s.TableName))
			s.Lines = s.LinesFor(have)
		}
	}
	s.GenerationResolved = true
	for i := range s.Adopted {
		// Its columns may be older than the stream's.
		existing, err := g.ensureStaging(ctx, conn, s, have, stagingTable{name: s.Adopted[i].Name})
		if err != nil {
			return err
		}
		s.Adopted[i].Former = s.Former(g.Config, have, existing)
	}
	if s.Staging != "" {
		return g.stage(ctx, conn, s, have)
	}
	return nil
}

// orphans lists the tables of unfinished refreshes, oldest first, after dropping those that are out of date.
func (g *Stager) orphans(ctx context.Context, conn *pgx.Conn, s *stream.Stream) ([]stream.Orphan, error) {
	label := generationLabel(s, "")
	found, err := pgtx.Ask(ctx, conn, g.Config.Begin(), pgtx.Fill(generationsSQL, s.SchemaName, label))
	if err != nil {
		return nil, err
	}
	var kept, outdated []stream.Orphan
	for _, row := range found.Rows {
		generation, err := strconv.ParseInt(strings.TrimPrefix(string(row[1]), label), 10, 64)
		switch table := (stream.Orphan{Name: string(row[0]), Generation: generation}); {
		case err != nil:
		case s.Mode == merge.Replace, s.Schema.MinimumGeneration != nil && generation < *s.Schema.MinimumGeneration:
			outdated = append(outdated, table)
		default:
			kept = append(kept, table)
		}
	}
	if len(outdated) == 0 {
		return kept, nil
	}
	defer g.Catalog.Forget(s.SchemaName)
	return kept, g.transact(ctx, conn, func() error {
		for _, table := range outdated {
			drops := "DROP TABLE IF EXISTS " + pgtx.Qualified(s.SchemaName, table.Name) + ", " + pgtx.Qualified(s.SchemaName, supersededBy(s, table.Generation))
			if _, err := conn.Exec(ctx, drops); err != nil {
				return err
			}
			g.Log.Info("dropped an unfinished refresh of an older generation", "stream", s.Name, "generation", table.Generation)
		}
		return nil
	})
}

//go:embed sql/older_generations.sql
var olderGenerationsSQL string

// needsStaging reports whether the table has rows that readers are to see until the refresh completes. Beside rows of
// the refresh itself they are of an older sync that went on after it had completed: this sync repeats it, and may
// bring only what was missing. PyAirbyte's generations do not tell whose rows they are.
func (g *Stager) needsStaging(ctx context.Context, conn *pgx.Conn, s *stream.Stream) (needs bool, err error) {
	if s.ConstantGeneration() {
		return true, nil
	}
	found, err := pgtx.Ask(ctx, conn, g.Config.Begin(), strings.NewReplacer(
		"{table}", pgtx.Qualified(s.SchemaName, s.TableName), "{generation}", typemap.Quote(systemcolumn.GenerationColumn),
		"{least}", strconv.FormatInt(*s.Schema.MinimumGeneration, 10)).Replace(olderGenerationsSQL))
	return err == nil && len(found.Rows) > 0, err
}

// stage makes the table in which a refresh gathers its rows, or brings it up to the stream's schema.
func (g *Stager) stage(ctx context.Context, conn *pgx.Conn, s *stream.Stream, have *pgcatalog.Table) error {
	existing, err := g.ensureStaging(ctx, conn, s, have, stagingTable{
		name: s.Staging, comment: generationLabel(s, strconv.FormatInt(*s.Schema.Generation, 10)), lines: s.Lines,
	})
	if err != nil {
		return err
	}
	s.Stage(existing, s.Former(g.Config, have, existing))
	return g.prepareSuperseded(ctx, conn, s, have)
}

// generationLabel is the comment of the table of an unfinished refresh.
func generationLabel(s *stream.Stream, generation string) string {
	return fmt.Sprintf("target-postgres refresh of %s, generation %s", pgtx.Qualified(s.SchemaName, s.TableName), generation)
}

// Adopt merges what an unfinished refresh left into the table, since this sync does not replace it: the source was told
// that those rows are safe.
func (g *Stager) Adopt(s *stream.Stream) error {
	const doing = "adopt the rows of a cancelled refresh"
	for _, left := range s.Adopted {
		from := merge.Name{Schema: s.SchemaName, Table: left.Name}
		statements, columns, err := adoptionOf(s, left, from, "")
		if err != nil {
			return &failure.Error{Blame: failure.Program, Stream: s.Name, Reason: doing, Err: err}
		}
		dropKept := merge.Statement{SQL: "DROP TABLE IF EXISTS " + pgtx.Qualified(s.SchemaName, supersededBy(s, left.Generation))}
		err = g.remove(s, doing, append(statements, drop(from), dropKept), from)
		if err != nil && failure.OfRows(err) && g.Pipeline.Failure() == nil {
			kept, lookErr := g.orphanedSuperseded(s, left)
			if lookErr != nil {
				return lookErr
			}
			search := &staged.Search{
				MayReject: g.Committer.Rejects.May, Ending: g.Ending, S: s.Current(), Fields: s.Layout.Columns,
				From: from, By: systemcolumn.EmittedColumn, Repeats: true, Columns: columns, Cause: err, Doing: doing,
				Order: s.OrderedBy(), Drop: []merge.Statement{dropKept}, Superseded: kept,
			}
			search.Bring = func(part merge.Name) ([]merge.Statement, error) {
				statements, _, err := adoptionOf(s, left, part, "")
				return statements, err
			}
			search.Replay = func(part merge.Name, _ bool) ([]merge.Statement, error) {
				statements, _, err := adoptionOf(s, left, part, kept.Brought)
				return statements, err
			}
			err = g.bringIn(search, s)
		}
		if err != nil {
			return err
		}
		g.Log.Info("adopted the rows of a cancelled refresh", "stream", s.Name, "generation", left.Generation)
	}
	if len(s.Adopted) > 0 {
		s.Adopted = nil
		s.StartedEmpty.Store(false)
	}
	return nil
}

// adoptionOf is the SQL that brings rows in from a table like that of the refresh, with the columns that it reads. A
// copy with the columns that a batch has lets the load mode's own statements do the rest. brought is the column that
// says which columns a row brings, "" where each brings all.
func adoptionOf(s *stream.Stream, left stream.Orphan, from merge.Name, brought string) (_ []merge.Statement, read []merge.Column, _ error) {
	job := s.Job()
	adopted := merge.Name{Schema: "pg_temp", Table: "_singular_adopted"}
	if brought != "" {
		adopted = merge.Name{Schema: "pg_temp", Table: "_singular_adopted_again"}
	}
	job.Staged = adopted
	job.Columns = append(job.Columns, left.Former...)
	job.Has = merge.Has{Duplicates: true, Unnumbered: true}
	s.Identify(&job)
	job.NullKeys = len(s.Key) > 0
	selected := make([]string, 0, len(job.Columns)+2)
	marked := false
	for _, column := range job.Columns {
		if column.Name == s.Lines {
			selected = append(selected, "NULL::bigint AS "+typemap.Quote(column.Name)) // the line was another input's
			continue
		}
		if column.Name == migrate.DeletedColumn && s.Mode == merge.Upsert {
			selected = append(selected, "false AS "+typemap.Quote(column.Name)) // what a refresh brought is not deleted
			continue
		}
		selected, read = append(selected, typemap.Quote(column.Name)), append(read, column)
		marked = marked || column.Name == systemcolumn.CdcMark
	}
	if brought != "" {
		job.Present, job.Has.Patched = s.Unused("_singular_present"), true
		selected = append(selected, merge.Replayed(job.Columns, brought)+" AS "+typemap.Quote(job.Present))
	}
	if marked && s.Removes() {
		job.Gone, job.Has.Removed = s.Unused("_singular_gone"), true
		selected = append(selected, fmt.Sprintf("%s IS NOT NULL AS %s", typemap.Quote(systemcolumn.CdcMark), typemap.Quote(job.Gone)))
	}
	if s.Mode == merge.History {
		job.At = s.Unused("_singular_at")
		at := typemap.Quote(systemcolumn.EmittedColumn)
		if column := s.ColumnOf(s.Instants(), revision.IsInstant); column != "" {
			at = fmt.Sprintf("coalesce(%s::timestamp with time zone, %s)", typemap.Quote(column), at)
		}
		selected = append(selected, at+" AS "+typemap.Quote(job.At))
	}
	load, err := merge.Load(job)
	if err != nil {
		return nil, nil, err
	}
	create := fmt.Sprintf("CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT %s FROM %s ORDER BY %s, ctid", adopted.SQL(),
		strings.Join(selected, ", "), from.SQL(), typemap.Quote(systemcolumn.EmittedColumn))
	return append([]merge.Statement{{SQL: create}}, load...), read, nil
}
