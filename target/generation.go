package target

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// Airbyte numbers the generations of a stream. A sync whose minimum_generation_id equals its generation_id replaces what
// older generations brought: its rows gather in a table beside the stream's own until the source says COMPLETE. Unlike the
// staging table of a replace that table outlives the run: a STATE that was emitted for its rows holds, so the next run goes
// on with it, or merges it if the refresh was cancelled. That it is there is all there is to know about an unfinished
// refresh; its comment says of which table and generation it is. (docs/adr/0009-generations.md)

//go:embed sql/generations.sql
var generationsSQL string

// leftover is a table of an unfinished refresh.
type leftover struct {
	name       string
	generation int64
	// former are its columns whose fields the stream no longer has, as they are in the stream's table.
	former []merge.Column
}

// describeGeneration finds out whether the rows of older generations go.
func (s *spec) describeGeneration() error {
	if s.schema.Generation == nil || s.schema.MinimumGeneration == nil || s.mode == merge.Replace {
		return nil
	}
	generation, minimum := *s.schema.Generation, *s.schema.MinimumGeneration
	switch {
	case minimum == 0:
	case minimum != generation:
		return &failure.Error{
			Kind: failure.KindConfig, Stream: s.name,
			Reason: fmt.Sprintf("generation_id is %d and minimum_generation_id %d: rows of some older generations cannot be kept and of others replaced",
				generation, minimum),
			Hint: "refresh the stream again, with or without keeping its rows",
		}
	default:
		// PyAirbyte sends the same numbers in every sync: only the mode tells what it means.
		s.truncates = !s.constantGeneration() || s.schema.SyncMode == protocol.SyncOverwrite
	}
	return nil
}

// constantGeneration recognises the numbers of PyAirbyte.
func (s *spec) constantGeneration() bool {
	return *s.schema.Generation == 1 && *s.schema.MinimumGeneration == 1 && s.schema.SyncID != nil && *s.schema.SyncID == 1
}

// gathers says whether a refresh of the stream can gather its rows beside its table. History and soft_delete close and mark
// what the refresh did not bring instead, at its end.
func (s *spec) gathers() bool {
	return s.truncates && (s.mode == merge.Append || s.mode == merge.Upsert)
}

// keepsTombstones says that hard deletes wait for the swap: should the refresh be cancelled, the rows of the table have to
// learn of them.
func (s *stream) keepsTombstones() bool { return s.gathers() && s.staging != "" }

// prepareGeneration decides where the rows of a stream with generations go, before its first row. It leaves in s.adopted
// what an unfinished refresh left and this sync does not go on with.
func (t *Target) prepareGeneration(ctx context.Context, conn *pgx.Conn, s *stream, have *pgcatalog.Table) error {
	if s.placed {
		if s.staging != "" {
			return t.stage(ctx, conn, s, have)
		}
		return nil
	}
	s.adopted = nil
	kept, err := t.leftovers(ctx, conn, s)
	if err != nil {
		return err
	}
	switch {
	case !s.gathers():
		s.adopted = kept
	case len(kept) > 0:
		last := len(kept) - 1
		s.staging, s.adopted = kept[last].name, kept[:last]
		s.lines = s.linesFor(have)
		if err := t.forgetLines(ctx, conn, s); err != nil {
			return err
		}
		t.log.Info("going on with an unfinished refresh", "stream", s.name, "generation", *s.schema.Generation)
	default:
		older, err := t.needsStaging(ctx, conn, s)
		if err != nil {
			return err
		}
		if older {
			s.staging = typemap.Identifier(fmt.Sprintf("_singular_generation_%d_%s", *s.schema.Generation, s.tableName))
			s.lines = s.linesFor(have)
		}
	}
	s.placed = true
	for i := range s.adopted {
		// Its columns may be older than the stream's.
		staged, err := t.bringStaging(ctx, conn, s, have, beside{name: s.adopted[i].name})
		if err != nil {
			return err
		}
		s.adopted[i].former = s.former(t.config, have, staged)
	}
	if s.staging != "" {
		return t.stage(ctx, conn, s, have)
	}
	return nil
}

// leftovers lists the tables of unfinished refreshes, oldest first, after dropping those that are out of date.
func (t *Target) leftovers(ctx context.Context, conn *pgx.Conn, s *stream) ([]leftover, error) {
	label := generationLabel(s, "")
	found, err := pgtx.Ask(ctx, conn, t.config.Begin(), pgtx.Fill(generationsSQL, s.schemaName, label))
	if err != nil {
		return nil, err
	}
	var kept, outdated []leftover
	for _, row := range found.Rows {
		generation, err := strconv.ParseInt(strings.TrimPrefix(string(row[1]), label), 10, 64)
		switch table := (leftover{name: string(row[0]), generation: generation}); {
		case err != nil:
		case s.mode == merge.Replace, s.schema.MinimumGeneration != nil && generation < *s.schema.MinimumGeneration:
			outdated = append(outdated, table)
		default:
			kept = append(kept, table)
		}
	}
	if len(outdated) == 0 {
		return kept, nil
	}
	defer t.catalog.Forget(s.schemaName)
	return kept, t.transact(ctx, conn, func() error {
		for _, table := range outdated {
			if _, err := conn.Exec(ctx, "DROP TABLE IF EXISTS "+pgtx.Qualified(s.schemaName, table.name)); err != nil {
				return err
			}
			t.log.Info("dropped an unfinished refresh of an older generation", "stream", s.name, "generation", table.generation)
		}
		return nil
	})
}

// needsStaging says whether the table has rows that readers are to see until the refresh completes. PyAirbyte's generations
// do not tell whose rows they are.
func (t *Target) needsStaging(ctx context.Context, conn *pgx.Conn, s *stream) (needs bool, err error) {
	if s.constantGeneration() {
		return true, nil
	}
	found, err := pgtx.Ask(ctx, conn, t.config.Begin(), fmt.Sprintf("SELECT FROM %s WHERE %s IS NULL OR %[2]s < %d LIMIT 1",
		pgtx.Qualified(s.schemaName, s.tableName), typemap.Quote(generationColumn), *s.schema.MinimumGeneration))
	return err == nil && len(found.Rows) > 0, err
}

// stage makes the table in which a refresh gathers its rows, or brings it up to the stream's schema.
func (t *Target) stage(ctx context.Context, conn *pgx.Conn, s *stream, have *pgcatalog.Table) error {
	staged, err := t.bringStaging(ctx, conn, s, have, beside{
		name: s.staging, comment: generationLabel(s, strconv.FormatInt(*s.schema.Generation, 10)), lines: s.lines,
	})
	if err != nil {
		return err
	}
	s.into = merge.Name{Schema: s.schemaName, Table: s.staging}
	s.indexedBy(staged)
	s.staged = s.former(t.config, have, staged)
	return nil
}

// former lists the columns of a refresh whose fields have gone from the stream since it began. Their values were
// acknowledged like all others.
func (s *stream) former(c *config.Config, have, staged *pgcatalog.Table) []merge.Column {
	var columns []merge.Column
	want := s.tableSpec(c)
	for _, column := range staged.Columns {
		if existing := have.Column(column.Name); existing != nil && existing.Writable() && !want.Has(column.Name) {
			columns = append(columns, merge.Column{Name: column.Name, Type: existing.Type()})
		}
	}
	return columns
}

// generationLabel is the comment of the table of an unfinished refresh.
func generationLabel(s *stream, generation string) string {
	return fmt.Sprintf("target-postgres refresh of %s, generation %s", pgtx.Qualified(s.schemaName, s.tableName), generation)
}

// adopt merges what an unfinished refresh left into the table, since this sync does not replace it: the source was told
// that those rows are safe.
func (t *Target) adopt(s *stream) error {
	const doing = "adopt the rows of a cancelled refresh"
	for _, left := range s.adopted {
		from := merge.Name{Schema: s.schemaName, Table: left.name}
		statements, columns, err := s.adoption(left, from)
		if err != nil {
			return &failure.Error{Kind: failure.KindSystem, Stream: s.name, Reason: doing, Err: err}
		}
		err = t.remove(s, doing, append(statements, drop(from)), from)
		if err != nil && aboutRows(failure.SQLState(err)) && t.pipeline.Failure() == nil {
			search := &gathered{
				committer: t.committer, s: s.seenBy(), fields: s.layout.columns,
				from: from, by: emittedColumn, repeats: true, columns: columns, cause: err, doing: doing,
			}
			search.bring = func(part merge.Name) ([]merge.Statement, error) {
				statements, _, err := s.adoption(left, part)
				return statements, err
			}
			err = search.removeBy(t, s)
		}
		if err != nil {
			return err
		}
		t.log.Info("adopted the rows of a cancelled refresh", "stream", s.name, "generation", left.generation)
	}
	if len(s.adopted) > 0 {
		s.adopted = nil
		s.fresh.Store(false)
	}
	return nil
}

// adoption is the SQL that brings rows in from a table like that of the refresh, with the columns that it reads. A copy with the columns
// that a batch has lets the load mode's own statements do the rest.
func (s *stream) adoption(left leftover, from merge.Name) (_ []merge.Statement, read []merge.Column, _ error) {
	job := s.job()
	staged := merge.Name{Schema: "pg_temp", Table: "_singular_adopted"}
	job.Staged = staged
	job.Columns = append(job.Columns, left.former...)
	job.Has = merge.Has{Duplicates: true, Unnumbered: true}
	s.identify(&job)
	job.NullKeys = len(s.key) > 0
	selected := make([]string, 0, len(job.Columns)+2)
	marked := false
	for _, column := range job.Columns {
		if column.Name == s.lines {
			selected = append(selected, "NULL::bigint AS "+typemap.Quote(column.Name)) // the line was another input's
			continue
		}
		if column.Name == migrate.DeletedColumn && s.mode == merge.Upsert {
			selected = append(selected, "false AS "+typemap.Quote(column.Name)) // what a refresh brought is not deleted
			continue
		}
		selected, read = append(selected, typemap.Quote(column.Name)), append(read, column)
		marked = marked || column.Name == cdcMark
	}
	if marked && s.removes() {
		job.Gone, job.Has.Removed = s.unused("_singular_gone"), true
		selected = append(selected, fmt.Sprintf("%s IS NOT NULL AS %s", typemap.Quote(cdcMark), typemap.Quote(job.Gone)))
	}
	if s.mode == merge.History {
		job.At = s.unused("_singular_at")
		at := typemap.Quote(emittedColumn)
		if column := s.columnOf(s.instants(), isInstant); column != "" {
			at = fmt.Sprintf("coalesce(%s::timestamp with time zone, %s)", typemap.Quote(column), at)
		}
		selected = append(selected, at+" AS "+typemap.Quote(job.At))
	}
	load, err := merge.Load(job)
	if err != nil {
		return nil, nil, err
	}
	create := fmt.Sprintf("CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT %s FROM %s ORDER BY %s, ctid", staged.SQL(),
		strings.Join(selected, ", "), from.SQL(), typemap.Quote(emittedColumn))
	return append([]merge.Statement{{SQL: create}}, load...), read, nil
}
