package ahead

import (
	"context"
	_ "embed"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/pgtx"
)

//go:embed sql/made.sql
var madeSQL string

// Made asks, for each of some tables, whether the open transaction has had the server make a part of it. A transaction
// that has must not stay open while one before it may need a part: the server lets that one wait for it.
func Made(ctx context.Context, conn *pgx.Conn, tables []merge.Name) ([]bool, error) {
	questions := []string{merge.PinnedPath}
	for _, table := range tables {
		questions = append(questions, pgtx.Fill(madeSQL, table.SQL()))
	}
	results, err := pgtx.Script(ctx, conn, questions)
	if err != nil {
		return nil, err
	}
	made := make([]bool, len(tables))
	for i, result := range results[len(results)-len(tables):] {
		made[i] = string(result.Rows[0][0]) == "t"
	}
	return made, nil
}
