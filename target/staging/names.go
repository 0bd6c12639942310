package staging

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/pgtx"
	"target-postgres/target/stream"
	"target-postgres/typemap"
)

// tableName is the name of a staging table of the stream. No other run has one of that name.
func (g *Stager) tableName(s *stream.Stream, what string) string {
	return typemap.Identifier("_singular_" + what + "_" + strconv.FormatInt(g.Started.UnixNano(), 36) + "_" + s.TableName)
}

// newer reports whether a table beside a stream's own is that of a run that began after this one, or less than age
// before it. Were the older of two runs to drop what the newer has for one stream, and the newer what the older has for
// another, both would fail.
func (g *Stager) newer(name string, age time.Duration) bool {
	parts := strings.SplitN(name, "_", 5) // "", singular, what, run, table
	if len(parts) < 5 {
		return false
	}
	began, err := strconv.ParseInt(parts[3], 36, 64)
	return err == nil && began > g.Started.Add(-age).UnixNano()
}

// label is the comment of a table beside the stream's own.
func label(s *stream.Stream, what string) string {
	return fmt.Sprintf("target-postgres %s of %s", what, pgtx.Qualified(s.SchemaName, s.TableName))
}

//go:embed sql/orphans.sql
var orphansSQL string

// dropOrphans drops the staging tables that interrupted runs left behind.
func (g *Stager) dropOrphans(ctx context.Context, conn *pgx.Conn, s *stream.Stream, what string) error {
	return g.dropOrphansOf(ctx, conn, s, what, 0)
}

// dropOrphansOf drops those of runs that began at least so long ago.
func (g *Stager) dropOrphansOf(ctx context.Context, conn *pgx.Conn, s *stream.Stream, what string, age time.Duration) error {
	left, err := pgtx.Ask(ctx, conn, g.Config.Begin(), pgtx.Fill(orphansSQL, s.SchemaName, label(s, what)))
	if err != nil || len(left.Rows) == 0 {
		return err
	}
	// An attempt that lost its connection may have made one of them, and the catalog may have seen it since.
	defer g.Catalog.Forget(s.SchemaName)
	return g.transact(ctx, conn, func() error {
		for _, row := range left.Rows {
			name := string(row[0])
			if g.newer(name, age) {
				continue
			}
			if _, err := conn.Exec(ctx, "DROP TABLE IF EXISTS "+pgtx.Qualified(s.SchemaName, name)); err != nil {
				return err
			}
			g.Log.Info("dropped what an interrupted run left", "stream", s.Name, "table", name)
		}
		return nil
	})
}
