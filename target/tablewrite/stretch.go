package tablewrite

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/typemap"
)

// findStretch asks from where to where the keys of a batch reach that is merged into shards of Citus, or into
// partitions or chunks that have an index each, if that is not known yet.
func (w *Write) findStretch(ctx context.Context, conn *pgx.Conn) error {
	number := w.wholeNumber()
	apart := w.Job.Place == merge.Distributed || w.Stream.KeysApart() || w.Stream.Chunked
	if !apart || w.Job.Stretch != nil || w.Job.NullKeys || number == "" {
		return nil
	}
	var from, to *int64
	query := fmt.Sprintf("SELECT pg_catalog.min(%[1]s), pg_catalog.max(%[1]s) FROM %[2]s", typemap.Quote(number), w.Job.Staged.SQL())
	if err := conn.QueryRow(ctx, query).Scan(&from, &to); err != nil {
		return err
	}
	if from != nil && to != nil {
		w.Job.Stretch = &merge.Stretch{From: *from, To: *to}
	}
	return nil
}
