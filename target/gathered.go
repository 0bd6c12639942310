package target

import (
	"context"

	"github.com/jackc/pgx/v5"

	"target-postgres/protocol"
	"target-postgres/target/checkpoint"
	"target-postgres/target/stream"
)

// removeGathered does all of it in a transaction of its own, which drops the table, and rejects the rows that the server refuses.
func removeGathered(g *checkpoint.Gathered, t *Target, s *stream.Stream) error {
	err := t.removeBy(s, g.Doing, g.From, func(ctx context.Context, conn *pgx.Conn) (stream.Changes, error) {
		g.Conn, g.Done, g.Taken, g.Rejections = conn, stream.Changes{}, 0, nil // it may be tried once more
		if err := g.Run(ctx); err != nil {
			return stream.Changes{}, err
		}
		if g.End != nil {
			if err := g.End(ctx); err != nil {
				return stream.Changes{}, err
			}
		}
		_, err := conn.Exec(ctx, drop(g.From).SQL)
		return g.Done, err
	})
	if err != nil {
		return err
	}
	if g.Lines != "" {
		g.S.Stats.LoadedRecords.Add(-int64(len(g.Rejections))) // they had been counted with the others of this run
	}
	for _, r := range g.Rejections {
		m := &protocol.Message{Kind: protocol.KindRecord, Line: r.Reason.Line, Record: r.Record}
		if err := t.reject(s, m, r.Reason); err != nil {
			return err
		}
	}
	return nil
}
