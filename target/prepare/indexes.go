package prepare

import (
	"context"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/pgtx"
)

// MakeIndexes gives the tables of the run the indexes that they lack, once all rows are committed and every STATE is
// out.
func (p *Preparer) MakeIndexes() error {
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
