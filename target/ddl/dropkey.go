package ddl

import (
	"context"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/target/failure"
	"target-postgres/target/migrate"
)

// dropKey drops one of the program's own constraints, in a savepoint: something else may need it. Then it stays, and
// with it what it forbids.
func (m *Migrator) dropKey(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, u migrate.Unkeying, p *migrate.Plan) error {
	err := m.attempt(ctx, conn, u.Statement)
	if code := failure.SQLState(err); code != pgerrcode.DependentObjectsStillExist {
		if err == nil {
			p.NoteDrop(u)
		}
		return err
	}
	because, hint := failure.ServerError(err).Detail, "drop what depends on it, and run again"
	if len(u.References) > 0 {
		because = "the foreign key " + strings.Join(u.References, ", ") + " needs it"
		hint = "drop that foreign key to let the stream's rows repeat it"
	}
	m.log.Warn("the key "+u.Index+" stays: rows that repeat it are refused", "stream", want.Stream, "because", because, "hint", hint)
	return nil
}
