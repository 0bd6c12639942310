package staging

import (
	"context"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/staged"
	"target-postgres/target/stats"
	"target-postgres/target/stream"
	"target-postgres/target/tablewrite"
)

// bringIn brings rows into the stream's table in a transaction of its own, which drops the staging table. It rejects
// those that the server refuses.
func (g *Stager) bringIn(rows *staged.Search, s *stream.Stream) error {
	err := g.removeBy(s, rows.Doing, rows.From, func(ctx context.Context, conn *pgx.Conn) (stats.Changes, error) {
		rows.Conn, rows.Done, rows.Taken, rows.Rejections = conn, stats.Changes{}, 0, nil // it may be tried once more
		if err := rows.Run(ctx); err != nil {
			return stats.Changes{}, err
		}
		if rows.End != nil {
			if err := rows.End(ctx); err != nil {
				return stats.Changes{}, err
			}
		}
		if rows.Lines != "" {
			rows.Done.Refused = int64(len(rows.Rejections))
		}
		_, err := tablewrite.CarryOut(ctx, conn, append([]merge.Statement{drop(rows.From)}, rows.Drop...))
		return rows.Done, err
	})
	if err != nil {
		return err
	}
	for _, r := range rows.Rejections {
		m := &protocol.Message{Kind: protocol.KindRecord, Line: r.Reason.Line, Record: r.Record}
		if err := g.Reject(s, m, r.Reason); err != nil {
			return err
		}
	}
	return nil
}
