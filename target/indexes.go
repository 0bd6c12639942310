package target

import (
	"context"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/pgtx"
)

// makeIndexes gives the tables of the run the indexes that they lack, once all rows are committed and every STATE is out.
func (t *Target) makeIndexes() error {
	for _, s := range t.order {
		if _, failed := t.committer.Failures.Of(s.ID); failed || s.Skip || len(s.Indexes) == 0 {
			continue
		}
		want := s.TableSpec(t.config)
		want.Indexes = s.Indexes
		err := t.pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
			return s.DBError("make indexes of "+pgtx.Qualified(s.SchemaName, s.TableName), t.migrator.MakeIndexes(ctx, conn, want))
		})
		if err != nil {
			return err
		}
	}
	return nil
}
