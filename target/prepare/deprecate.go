package prepare

import (
	"context"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
)

// Deprecate settles at the end of a run which fields of its streams are gone. A role that does not own the table cannot
// set the mark. A mark that cannot be set is worth a warning.
func (p *Preparer) Deprecate() error {
	for _, s := range p.Registry.All() {
		if s.Brought == nil || s.Config.MigrationPolicy.MissingFields != config.DeprecateMissingFields || (s.Skip && !p.Dry) {
			continue
		}
		if _, failed := p.Stager.Committer.Failures.Of(s.ID); failed {
			continue // the SCHEMAs that came after the failure were not read
		}
		want := s.TableSpec(p.Config)
		want.Brought = s.Brought
		var plan *migrate.Plan
		err := p.Pipeline.Do(func(ctx context.Context, conn *pgx.Conn) error {
			var err error
			plan, err = p.Migrator.Deprecate(ctx, conn, want)
			if failure.SQLState(err) == "" || failure.Transient(failure.FromServer(s.Name, "", err)) {
				return s.DBError("mark deprecated columns", err)
			}
			p.Log.Warn("deprecated columns could not be marked", "stream", s.Name, "because", failure.SafeMessage(failure.ServerError(err)))
			return nil
		})
		if err == nil && plan != nil {
			err = p.Migrator.Report(want, plan)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
