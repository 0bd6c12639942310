package prepare

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/ddl"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/partition"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/target/revision"
	"target-postgres/target/stream"
	"target-postgres/target/tablewrite"
)

// partitions are those of the tables of a run.
type partitions struct {
	tables map[merge.Name]*periods
	// made counts the partitions of periods that the run has made.
	made atomic.Int64
}

// grow reports whether the rows of a stream may go straight into a table that has rows, where their keys are beyond
// those of these.
func (p *partitions) grow(s *stream.Stream) bool {
	of := p.tables[s.OwnTable()]
	return of != nil && of.seen != nil && s.Into == s.OwnTable()
}

// periods are those of one table.
type periods struct {
	// seen are those that rows had, nil where the table has none.
	seen *partition.Seen
	// have are those that had a partition when the run began.
	have []partition.Range
	// numbers are those of the keys so far.
	numbers partition.Keys
	// over is set once no further partition is made: the role may not, or the server refuses.
	over atomic.Bool
	// told is set once the run has said that it makes no more, held once it has said that rows may not leave the
	// default partition.
	told, held bool
}

// noLongerPartitioned is said of a table that earlier settings had partitioned.
const noLongerPartitioned = "partition_by is no longer set: the table stays partitioned, and its key keeps the partition column"

// partitionTable does what the setting partition_by asks for before the first row, or shows it. before is the table as
// it was, nil if it was not there.
func (p *Preparer) partitionTable(ctx context.Context, conn *pgx.Conn, s *stream.Stream, before, have *pgcatalog.Table) error {
	switch {
	case p.Dry:
		return p.showPartitions(ctx, conn, s, before)
	case have == nil:
		return nil
	default:
		return p.preparePartitions(ctx, conn, s, have)
	}
}

// preparePartitions gives a table the partitions that do not depend on the rows, and detaches those that are too old.
// It does so once a run.
func (p *Preparer) preparePartitions(ctx context.Context, conn *pgx.Conn, s *stream.Stream, have *pgcatalog.Table) error {
	own := s.OwnTable()
	if p.parts.tables[own] != nil || s.Rejects {
		return nil
	}
	of := &periods{}
	if err := p.beginPartitions(ctx, conn, s, have, of); err != nil {
		return err
	}
	if p.parts.tables == nil {
		p.parts.tables = map[merge.Name]*periods{}
	}
	p.parts.tables[own] = of
	return nil
}

func (p *Preparer) beginPartitions(ctx context.Context, conn *pgx.Conn, s *stream.Stream, have *pgcatalog.Table, of *periods) error {
	switch {
	case !s.Partition.On() && have.Made:
		p.Log.Info(noLongerPartitioned, "stream", s.Name)
		return nil
	case !s.Partition.On():
		return nil
	case have.Kind != pgcatalog.PartitionedTable:
		p.Log.Warn(ddl.NotPartitioned, "stream", s.Name)
		return nil
	}
	want := partitionSpec(&s.Revision)
	spec := p.allowance()
	spec.Begins, spec.UserCode = true, have.UserCode
	done, err := p.Migrator.MakePartitions(ctx, conn, want, spec)
	if err != nil {
		if err := p.unpartitioned(conn, &s.Revision, of, err); err != nil {
			return err
		}
		return p.detachPartitions(ctx, conn, s, want) // that takes no right to create tables
	}
	if done.Misfit != "" {
		p.Log.Warn(done.Misfit, "stream", s.Name)
		return nil
	}
	have.Made = have.Made || done.Told("") != ""
	p.tellPartitions(&s.Revision, want, of, done)
	if s.Partition.Every == "" {
		return nil
	}
	of.have = done.Have
	of.seen = partition.NewSeen(s.Partition.NewWindow(p.Stager.Started))
	return p.detachPartitions(ctx, conn, s, want)
}

// detachPartitions detaches those that are older than what is kept.
func (p *Preparer) detachPartitions(ctx context.Context, conn *pgx.Conn, s *stream.Stream, want migrate.TableSpec) error {
	old, err := p.Migrator.DetachPartitions(ctx, conn, want, p.Stager.Started, "")
	if err != nil {
		old, err = p.detachUnreferred(ctx, conn, want, old, err)
	}
	if len(old) > 0 {
		_ = p.Migrator.Report(want, &migrate.Plan{Notes: []string{ddl.ToldDetached(pgtx.Qualified(want.Schema, want.Name), old)}}) // nothing is printed outside a dry run
	}
	if err != nil {
		return p.undetached(conn, &s.Revision, err)
	}
	return nil
}

// detachUnreferred detaches those of some partitions to whose rows no foreign key refers, where one of them has kept
// all. It returns the names of those that are detached, and why others are not.
func (p *Preparer) detachUnreferred(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, old []string, kept error) (detached []string, _ error) {
	referred := func(err error) bool { return failure.SQLState(err) == pgerrcode.ForeignKeyViolation }
	for i := 0; i < len(old) && referred(kept) && !conn.IsClosed(); i++ {
		switch _, err := p.Migrator.DetachPartitions(ctx, conn, want, p.Stager.Started, old[i]); {
		case err == nil:
			detached = append(detached, old[i])
		case !referred(err):
			return detached, err
		}
	}
	return detached, kept
}

// partitionSpec is as much of a table's spec as its partitions take.
func partitionSpec(s *revision.Revision) migrate.TableSpec {
	return migrate.TableSpec{Schema: s.SchemaName, Name: s.TableName, Stream: s.Name, Partition: s.Partition}
}

// allowance is what the run may still ask for.
func (p *Preparer) allowance() ddl.PartitionSpec {
	return ddl.PartitionSpec{Start: p.Stager.Started, Left: partition.Most - int(p.parts.made.Load())}
}

// PartitionsFor returns what makes the partitions that rows need and the table lacks, nil where it lacks none. It is
// to be called in the order of the checkpoints, before their rows are written, by the goroutine of a task. Ahead of its
// turn the task gets an error with the SQLSTATE lock_not_available where a lock is not free.
func (p *Preparer) PartitionsFor(writes []*tablewrite.Write) func(ctx context.Context, conn *pgx.Conn, ahead bool) error {
	var all []func(ctx context.Context, conn *pgx.Conn, ahead bool) error
	for _, w := range writes {
		if chunks := p.chunksFor(w); chunks != nil {
			all = append(all, chunks)
		}
		of := p.parts.tables[w.Stream.OwnTable()]
		if of == nil || of.seen == nil || of.over.Load() {
			continue
		}
		if needed := partition.Lacking(of.look(w), of.have); len(needed) > 0 {
			all = append(all, func(ctx context.Context, conn *pgx.Conn, ahead bool) error {
				return p.makePartitions(ctx, conn, w.Stream, of, needed, ahead)
			})
		}
	}
	if len(all) == 0 {
		return nil
	}
	return func(ctx context.Context, conn *pgx.Conn, ahead bool) error {
		for _, one := range all {
			if err := one(ctx, conn, ahead); err != nil {
				return err
			}
		}
		return nil
	}
}

// look reads the periods of a load's rows that were not seen before, and the stretch of their keys where that may save
// the long way.
func (of *periods) look(w *tablewrite.Write) []partition.Period {
	fields := partition.Fields{At: w.FieldOf(w.Stream.Partition.Columns[0]), Key: -1, Of: w.Fields()}
	if fields.At < 0 {
		return nil
	}
	if numbers := w.NumberedBy(); numbers != "" {
		fields.Key = w.FieldOf(numbers)
	}
	var keys partition.Keys
	w.Batch.Each(func(row []byte) { of.seen.Row(row, fields, &keys) })
	if keys.Known && !keys.Others {
		w.Numbered(merge.Stretch{From: keys.From, To: keys.To}, of.grows(keys) || !w.NewKeys)
	}
	return of.seen.Take()
}

// grows reports whether numbers are all less or all greater than those before them.
func (of *periods) grows(numbers partition.Keys) bool {
	before := of.numbers
	of.numbers.Add(numbers)
	return !before.Known || numbers.From > before.To || numbers.To < before.From
}

// makePartitions makes partitions before the rows that need them.
func (p *Preparer) makePartitions(ctx context.Context, conn *pgx.Conn, s *revision.Revision, of *periods, needed []partition.Period, ahead bool) error {
	spec, want := p.allowance(), partitionSpec(s)
	spec.Periods, spec.Ahead, spec.UserCode = needed, ahead, s.UserCode
	done, err := p.Migrator.MakePartitions(ctx, conn, want, spec)
	if err != nil {
		return p.unpartitioned(conn, s, of, err)
	}
	p.tellPartitions(s, want, of, done)
	return nil
}

// tellPartitions counts what was made, and says so.
func (p *Preparer) tellPartitions(s *revision.Revision, want migrate.TableSpec, of *periods, done ddl.Partitions) {
	p.parts.made.Add(int64(done.Made))
	if said := done.Told(pgtx.Qualified(want.Schema, want.Name)); said != "" {
		_ = p.Migrator.Report(want, &migrate.Plan{Notes: []string{said}}) // nothing is printed outside a dry run
	}
	if done.Beyond > 0 && !of.told {
		of.told = true
		p.Log.Warn(fmt.Sprintf("a run makes %d partitions and no more: rows of other periods stay in the default partition until a later run makes theirs", partition.Most),
			"stream", s.Name)
	}
	if done.Held > 0 && !of.held {
		of.held = true
		p.Log.Warn("foreign keys refer to rows of the default partition: their periods get no partition", "stream", s.Name, "periods", done.Held)
	}
}

// mayPass is the error that another attempt may not meet: a lost connection, a lock that another session keeps and the
// like. It is for the pipeline, which tries again. It is nil where the server refuses what was asked.
func mayPass(conn *pgx.Conn, s *revision.Revision, doing string, err error) error {
	failed := s.DBError(doing+" "+pgtx.Qualified(s.SchemaName, s.TableName), err)
	if conn.IsClosed() || failure.SQLState(err) == "" || failure.Transient(failed) {
		return failed
	}
	return nil
}

// unpartitioned goes on without further partitions where the server refuses one: the rows have a place in the default
// partition.
func (p *Preparer) unpartitioned(conn *pgx.Conn, s *revision.Revision, of *periods, err error) error {
	if fails := mayPass(conn, s, "make partitions of", err); fails != nil {
		return fails
	}
	of.over.Store(true)
	p.Log.Warn("partitions cannot be created: their rows go to the default partition", "stream", s.Name,
		"because", failure.SafeMessage(failure.ServerError(err)), "hint", "the role must own the table and may create tables in its schema")
	return nil
}

// undetached goes on where the server refuses to detach a partition.
func (p *Preparer) undetached(conn *pgx.Conn, s *revision.Revision, err error) error {
	if fails := mayPass(conn, s, "detach partitions of", err); fails != nil {
		return fails
	}
	p.Log.Warn("partitions older than keep cannot be detached and stay", "stream", s.Name, "because", failure.SafeMessage(failure.ServerError(err)))
	return nil
}

// showPartitions prints what the table of a stream would get.
func (p *Preparer) showPartitions(ctx context.Context, conn *pgx.Conn, s *stream.Stream, have *pgcatalog.Table) error {
	switch {
	case s.Rejects || have == nil && s.Config.MigrationPolicy.NewStreams == config.SkipNewStreams:
		return nil
	case !s.Partition.On() && have != nil && have.Made:
		return p.Migrator.Report(partitionSpec(&s.Revision), &migrate.Plan{Notes: []string{noLongerPartitioned}})
	case !s.Partition.On():
		return nil
	}
	spec := p.allowance()
	spec.Begins = true
	return p.Migrator.ShowPartitions(ctx, conn, partitionSpec(&s.Revision), spec)
}
