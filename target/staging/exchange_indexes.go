package staging

import (
	"context"
	_ "embed"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/index"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/target/stream"
)

//go:embed sql/exchange_indexes.sql
var exchangeIndexesSQL string

// stagingIndexes are the statements that give the staging table the indexes of the stream's own that settings asked
// for, now or earlier, so that the one can take the place of the other. Making them takes time, in which the
// table can be used.
func (g *Stager) stagingIndexes(ctx context.Context, conn *pgx.Conn, s *stream.Stream) ([]string, error) {
	have, _ := g.Catalog.Known(s.SchemaName, s.TableName)
	if have == nil || !slices.ContainsFunc(have.Indexes, func(i pgcatalog.Index) bool { return index.Declared(i.Name) }) {
		return nil, nil
	}
	create, err := pgtx.Script(ctx, conn, []string{pgtx.Fill(exchangeIndexesSQL, have.String(), s.Into.SQL())})
	if err != nil {
		return nil, err
	}
	return slices.Concat([]string{merge.RolePath}, firstColumn(create[0]), []string{merge.PinnedPath}), nil
}
