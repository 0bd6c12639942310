package prepare

import (
	"context"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/stream"
)

// Share looks at what a stream asks of a table whose rows are encoded as those of another stream, which has prepared
// it: mistakes in its indexes are told before the first row.
func (p *Preparer) Share(s, lead *stream.Stream) error {
	if len(s.Indexes) == 0 || lead.Skip && !p.Dry {
		return nil
	}
	if have, _ := p.Catalog.Known(s.SchemaName, s.TableName); have == nil && lead.Config.MigrationPolicy.NewStreams == config.SkipNewStreams {
		return nil
	}
	want := s.TableSpec(p.Config)
	want.Indexes, want.Partition = s.Indexes, lead.Partition
	return p.Pipeline.Do(func(ctx context.Context, conn *pgx.Conn) (err error) {
		defer p.Pipeline.Telemetry.Span("prepare", s.Stats)(&err)
		err = p.Migrator.CheckSharedIndexes(ctx, conn, want, lead.Indexes)
		return failure.InStream(s.Name, s.DBError("prepare table "+pgtx.Qualified(s.SchemaName, s.TableName), err))
	})
}

// tellLeftIndexes tells of every table once which indexes are left of earlier settings. Streams that share a table ask
// for its indexes together: those of one that failed may not be known.
func (p *Preparer) tellLeftIndexes() {
	done := map[merge.Name]bool{}
	for _, s := range p.Registry.All() {
		p.Migrator.WantIndexes(s.OwnTable(), s.Indexes)
		if _, failed := p.Stager.Committer.Failures.Of(s.ID); failed {
			done[s.OwnTable()] = true
		}
	}
	for _, s := range p.Registry.All() {
		if table := s.OwnTable(); !s.Skip && !done[table] {
			done[table] = true
			p.Migrator.TellLeft(table, s.Name)
		}
	}
}

// MakeIndexes gives the tables of the run the indexes that they lack, once all rows are committed and every STATE is
// out. It tells which others are left of earlier settings.
func (p *Preparer) MakeIndexes() error {
	p.tellLeftIndexes()
	for _, s := range p.Registry.All() {
		if _, failed := p.Stager.Committer.Failures.Of(s.ID); failed || s.Skip || len(s.Indexes) == 0 {
			continue
		}
		want := s.TableSpec(p.Config)
		want.Indexes = s.Indexes
		err := p.Pipeline.Do(func(ctx context.Context, conn *pgx.Conn) (err error) {
			defer p.Pipeline.Telemetry.Span("make indexes", s.Stats)(&err)
			return s.DBError("make indexes of "+pgtx.Qualified(s.SchemaName, s.TableName), p.Migrator.MakeIndexes(ctx, conn, want))
		})
		if err != nil {
			return err
		}
	}
	return nil
}
