package prepare

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// AddKeys gives tables their key at the end of a run in which a stream's key went back and forth. To drop and make the
// key at every SCHEMA would build an index each time, under a lock that readers wait for.
func (p *Preparer) AddKeys() error {
	for _, s := range p.Registry.All() {
		if !s.Alternates() || s.Skip {
			continue
		}
		if _, failed := p.Stager.Committer.Failures.Of(s.ID); failed {
			continue
		}
		want := s.TableSpec(p.Config)
		want.KeyLater, want.Brought = false, s.Brought
		err := p.Pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
			_, err := p.Migrator.Ensure(ctx, conn, want, s.Config.MigrationPolicy)
			return s.DBError("give the table its key", err)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
