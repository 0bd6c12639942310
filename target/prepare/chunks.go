package prepare

import (
	"context"
	_ "embed"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/ddl"
	"target-postgres/target/partition"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/target/revision"
	"target-postgres/target/stream"
	"target-postgres/target/tablewrite"
	"target-postgres/typemap"
)

// TimescaleDB makes a chunk when its first row comes. The transaction of that row keeps a lock until COMMIT, which the
// next batch may need. While a hypertable is filled almost every batch brings such rows. So a row of each day is
// inserted and deleted again before the batch, in a transaction of its own: the chunk stays.
// (docs/adr/0031-chunks-that-are-there.md)

//go:embed sql/delete_firsts.sql
var deleteFirstsSQL string

// chunks are those of a table that a run fills.
type chunks struct {
	// seen are the days that have had a row.
	seen *partition.Seen
	// kind is the type of the time column.
	kind string
	// given are the columns that rows have to bring: the time, and those that the server would give a value, perhaps of
	// a sequence.
	given []string
}

// together is how many days have their chunks made in one transaction, which locks each of them.
const together = 100

// errStay says that rows were not found again which were to be deleted. It is not told to anybody.
var errStay = pgx.ErrNoRows

// beginChunks has chunks made before the rows of a hypertable that has none.
func (p *Preparer) beginChunks(s *stream.Stream, have *pgcatalog.Table) {
	if s.Mode != merge.Append || !have.ChunksByDay() || have.Children || p.Config.Connections() < 2 || p.Config.StateTable {
		return
	}
	of := &chunks{seen: partition.NewSeen(partition.Setting{Every: partition.Day}.NewWindow(p.Stager.Started)), given: slices.Clone(have.Spread)}
	for _, c := range have.Columns {
		if c.Name == have.Spread[0] {
			of.kind = c.TypeName
		}
		if c.Default || c.Identity != "" || c.Base != "" { // a domain may have a default
			of.given = append(of.given, c.Name)
		}
	}
	if !slices.Contains([]typemap.Kind{typemap.KindDate, typemap.KindTimestamp, typemap.KindTimestampTZ}, typemap.ParseType(of.kind).Kind) || !of.brought(s.Layout) {
		return
	}
	if p.chunks == nil {
		p.chunks = map[merge.Name]*chunks{}
	}
	p.chunks[s.OwnTable()] = of
	s.Ahead.MakeEarly()
}

// brought reports whether rows bring what they have to.
func (of *chunks) brought(layout *revision.Layout) bool {
	return !slices.ContainsFunc(of.given, func(column string) bool { return layout.FieldOf(column) < 0 })
}

// chunksFor returns what has TimescaleDB make the chunks that rows may need, nil where there is nothing to be done.
func (p *Preparer) chunksFor(w *tablewrite.Write) func(ctx context.Context, conn *pgx.Conn, ahead bool) error {
	of := p.chunks[w.Stream.OwnTable()]
	if of == nil || w.Job.Target != w.Stream.OwnTable() || !w.Stream.Ahead.Early() {
		return nil
	}
	if !w.MakesChunks() || !of.brought(w.Layout) {
		w.Stream.Ahead.Copied(true)
		return nil
	}
	firsts := of.firsts(w)
	if len(firsts) == 0 {
		return nil
	}
	var days []*tablewrite.Write
	for some := range slices.Chunk(firsts, together) {
		days = append(days, w.With(w.Batch.Few(some)))
	}
	return func(ctx context.Context, conn *pgx.Conn, ahead bool) error {
		var err error
		for len(days) > 0 && err == nil {
			if err = p.makeChunks(ctx, conn, days[0], of.kind, ahead); err == nil {
				days = days[1:]
			}
		}
		if err == nil {
			return nil
		}
		if fails := mayPass(conn, w.Stream, "make chunks of", err); fails != nil && !errors.Is(err, errStay) {
			return fails
		}
		w.Stream.Ahead.Copied(true) // the batches of the stream wait for their turns from now on
		return nil
	}
}

// firsts are the rows of days that were not seen before.
func (of *chunks) firsts(w *tablewrite.Write) (firsts [][]byte) {
	_, at := timeOf(w)
	w.Batch.Each(func(row []byte) {
		if of.seen.Row(row, at, nil) {
			firsts = append(firsts, row)
		}
	})
	of.seen.Take()
	return firsts
}

// timeOf is the column by which the chunks are made, and where its values are.
func timeOf(w *tablewrite.Write) (column string, at partition.Fields) {
	column = w.Stream.Spread[0]
	return column, partition.Fields{At: w.FieldOf(column), Key: -1, Of: w.Fields()}
}

// makeChunks inserts rows and deletes them again, in a transaction of its own.
func (p *Preparer) makeChunks(ctx context.Context, conn *pgx.Conn, w *tablewrite.Write, kind string, ahead bool) error {
	return pgtx.Run(ctx, conn, p.Config.Begin(), func() error {
		around := tablewrite.Around{Before: []string{ddl.Unflushed}}
		if ahead {
			around.Before = append(around.Before, ddl.Soon)
		}
		if err := w.Copy(ctx, conn, around); err != nil {
			return err
		}
		column, at := timeOf(w)
		var times []string
		w.Batch.Each(func(row []byte) {
			times = append(times, "CAST("+pgtx.Literal(partition.TimeOf(row, at))+" AS "+kind+")")
		})
		sql := strings.NewReplacer("$1", w.Job.Target.SQL(), "$2", typemap.Quote(column), "$3", strings.Join(times, ", ")).Replace(deleteFirstsSQL)
		results, err := pgtx.Script(ctx, conn, []string{merge.PinnedPath, sql})
		if err == nil && results[len(results)-1].CommandTag.RowsAffected() != int64(len(times)) {
			err = errStay
		}
		return err
	})
}
