package staging

import (
	"context"
	_ "embed"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/target/stream"
	"target-postgres/target/tablewrite"
)

// A replace or a full snapshot may be held to the slices that the run brings: rows of the others stay. The staging
// table says which a replace has brought; those of a snapshot, whose rows are merged as they come, gather in a table
// beside the stream's own.

// probeSlice refuses columns by whose type nothing can be sliced, before the first row.
func (g *Stager) probeSlice(ctx context.Context, conn *pgx.Conn, s *stream.Stream) error {
	if !s.Sliced() {
		return nil
	}
	_, err := pgtx.Ask(ctx, conn, g.Config.Begin(), s.SliceProbe())
	if code := failure.SQLState(err); code == pgerrcode.UndefinedFunction || code == pgerrcode.DatatypeMismatch {
		return s.NoSlice(err)
	}
	return err
}

// prepareSlices makes the table of the slices that a full snapshot brought, or gives it the types that the columns have
// by now.
func (g *Stager) prepareSlices(ctx context.Context, conn *pgx.Conn, s *stream.Stream, have *pgcatalog.Table) error {
	if err := g.probeSlice(ctx, conn, s); err != nil {
		return err
	}
	if s.Slices == "" {
		if err := g.dropOrphans(ctx, conn, s, "slices"); err != nil {
			return err
		}
	}
	name := g.tableName(s, "slices")
	want := migrate.TableSpec{Schema: s.SchemaName, Name: name, Stream: s.Name, Mode: merge.Append, Comment: label(s, "slices"), Closed: true}
	slice := s.SliceOf()
	names, of := slice.Columns, slice.Columns
	if slice.Range {
		names, of = []string{"least", "greatest"}, []string{of[0], of[0]}
	}
	for i, column := range of {
		want.Columns = append(want.Columns, migrate.Column{Name: names[i], Type: have.Column(column).Type(), Exact: true})
	}
	_, err := g.Migrator.Ensure(ctx, conn, want, config.MigrationPolicy{})
	if err == nil {
		s.Slices = name
	}
	return err
}

//go:embed sql/partitions.sql
var partitionsSQL string

// emptyCovered empties the partitions of which the run brought all slices that they have rows of. That takes no longer
// for many rows than for few, and leaves no dead ones behind. Where the role may not, or something forbids it, the rows
// are deleted like others. It returns how many rows vanished, which are those whose key does not return. Without a key
// they are not counted.
func (g *Stager) emptyCovered(ctx context.Context, conn *pgx.Conn, s *stream.Stream, job merge.Job) (vanished int64, _ error) {
	if !s.Sliced() || !s.Partitioned || job.Referenced || job.Place != merge.Here {
		return 0, nil
	}
	find, err := merge.FindSlices(job)
	if err == nil {
		_, err = tablewrite.CarryOut(ctx, conn, find)
	}
	if err != nil {
		return 0, err
	}
	rows, err := conn.Query(ctx, partitionsSQL, pgtx.Qualified(s.SchemaName, s.TableName))
	if err != nil {
		return 0, err
	}
	parts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[merge.Name])
	if err != nil {
		return 0, err
	}
	for _, part := range parts {
		lost, err := emptyIfCovered(ctx, conn, job, part)
		if vanished += lost; err != nil {
			return vanished, err
		}
	}
	return vanished, nil
}

// emptyIfCovered looks twice, so that other writers of the partition wait only if it is to be emptied.
func emptyIfCovered(ctx context.Context, conn *pgx.Conn, job merge.Job, part merge.Name) (vanished int64, _ error) {
	look, err := merge.OutOfSlices(job, part)
	if err != nil {
		return 0, err
	}
	var others, some bool
	if err := ask(ctx, conn, look, &others, &some); err != nil || others || !some {
		return 0, err
	}
	if _, err := conn.Exec(ctx, "SAVEPOINT empty"); err != nil {
		return 0, err
	}
	_, err = conn.Exec(ctx, "LOCK TABLE "+part.SQL()+" IN SHARE ROW EXCLUSIVE MODE")
	if err == nil {
		err = ask(ctx, conn, look, &others, &some)
	}
	if err == nil && !others {
		vanished, err = empty(ctx, conn, job, part)
	}
	if err == nil {
		_, err = conn.Exec(ctx, "RELEASE SAVEPOINT empty")
		return vanished, err
	}
	if failure.SQLState(err) == "" || failure.Transient(failure.FromServer("", "", err)) {
		return 0, err
	}
	_, undo := conn.Exec(ctx, "ROLLBACK TO SAVEPOINT empty")
	return 0, undo
}

// empty empties a partition, and counts the rows whose key does not return.
func empty(ctx context.Context, conn *pgx.Conn, job merge.Job, part merge.Name) (vanished int64, _ error) {
	if len(job.Key) > 0 {
		count, err := merge.Vanishing(job, part)
		if err == nil {
			err = ask(ctx, conn, count, &vanished)
		}
		if err != nil {
			return 0, err
		}
	}
	statements, err := merge.EmptyPart(job, part)
	if err == nil {
		_, err = tablewrite.CarryOut(ctx, conn, statements)
	}
	return vanished, err
}

// ask runs the statements, and reads the row of the one that asks.
func ask(ctx context.Context, conn *pgx.Conn, statements []merge.Statement, into ...any) error {
	for _, statement := range statements {
		var err error
		if statement.Effect == merge.Asks {
			err = conn.QueryRow(ctx, statement.SQL).Scan(into...)
		} else {
			_, err = conn.Exec(ctx, statement.SQL)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// keepsRows reports whether the swap of a job leaves rows whose key returns, and changes them in place.
func keepsRows(job merge.Job) bool {
	return len(job.Key) > 0 && (job.Referenced || len(job.Slice.Columns) > 0)
}
