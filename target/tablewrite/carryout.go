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
		if statement.Effect == merge.Tells {
			var told stats.Changes
			if err := conn.QueryRow(ctx, statement.SQL).Scan(&told.Inserted, &told.Updated, &told.Deleted); err != nil {
				return done, err
			}
			done.Inserted, done.Updated, done.Deleted = done.Inserted+told.Inserted, done.Updated+told.Updated, done.Deleted+told.Deleted
			continue
		}
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
