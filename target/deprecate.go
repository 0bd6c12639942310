package target

import (
	"context"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
)

// deprecate settles at the end of a run which fields of its streams are gone. A role that does not own the table cannot set
// the mark. A mark that cannot be set is worth a warning.
func (t *Target) deprecate() error {
	for _, s := range t.order {
		if s.Brought == nil || s.Config.MigrationPolicy.MissingFields != config.DeprecateMissingFields || (s.Skip && t.dryRun == nil) {
			continue
		}
		if _, failed := t.committer.Failures.Of(s.ID); failed {
			continue // the SCHEMAs that came after the failure were not read
		}
		want := s.TableSpec(t.config)
		want.Brought = s.Brought
		var p *migrate.Plan
		err := t.pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
			var err error
			p, err = t.migrator.Deprecate(ctx, conn, want)
			if failure.SQLState(err) == "" || failure.Transient(failure.FromServer(s.Name, "", err)) {
				return s.DBError("mark deprecated columns", err)
			}
			t.log.Warn("deprecated columns could not be marked", "stream", s.Name, "because", failure.SafeMessage(failure.ServerError(err)))
			return nil
		})
		if err == nil && p != nil {
			err = t.migrator.Report(want, p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
