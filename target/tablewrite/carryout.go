package tablewrite

import (
	"context"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/stats"
)

// CarryOut runs statements one after the other, and counts until one fails.
func CarryOut(ctx context.Context, conn *pgx.Conn, statements []merge.Statement) (done stats.Changes, err error) {
	for _, statement := range statements {
		tag, err := conn.Exec(ctx, statement.SQL)
		if broken := checked("", statement, err); broken != nil {
			return done, broken
		}
		if err != nil {
			return done, err
		}
		if statement.Effect == merge.Ignores {
			done.Ignored += tag.RowsAffected()
		}
		inserted, updated, deleted := statement.Count(tag.RowsAffected())
		done.Inserted, done.Updated, done.Deleted = done.Inserted+inserted, done.Updated+updated, done.Deleted+deleted
	}
	return done, nil
}
