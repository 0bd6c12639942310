package target

import (
	"context"
	_ "embed" // for the queries
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
)

// The rows of a replace are written twice where they are copied from the staging table into the stream's own. Where nobody
// could tell the one from the other the staging table takes the place of the stream's own instead: always if this run has
// created that, for nobody has come to rely on it, and otherwise unless replace_by says no.
// (docs/adr/0015-exchanged-tables.md)

//go:embed sql/exchange.sql
var exchangeSQL string

//go:embed sql/exchange_names.sql
var exchangeNamesSQL string

// byTable says that the staging table may take the place of the stream's own: it is made like it then.
func (s *stream) byTable(have *table) bool {
	numbered := func(c column) bool { return c.Identity != "" }
	return s.mode == merge.Replace && (s.created || s.config.ReplaceBy == "table") &&
		have.Kind == "r" && have.place() == merge.Here && !have.Referenced && !have.Security &&
		(len(s.key) == 0 || have.unique(s.key) != nil) && s.config.AfterCreate == nil && !slices.ContainsFunc(have.Columns, numbered)
}

// like are the columns of a table that is to be indistinguishable from another: defaults, storage and comments included.
// The key is added by itself.
func like(have *table) string {
	return "LIKE " + have.String() + " INCLUDING ALL EXCLUDING CONSTRAINTS EXCLUDING IDENTITY EXCLUDING INDEXES EXCLUDING STATISTICS"
}

// exchange lets the staging table take the place of the stream's own, which waits for its readers as TRUNCATE does. It
// returns false when somebody could notice.
func (t *Target) exchange(ctx context.Context, conn *pgx.Conn, s *stream) (done changes, exchanged bool, err error) {
	own := merge.Name{Schema: s.schemaName, Table: s.tableName}
	// A newer run, which drops what this one gathered, must not do so between the look and the exchange.
	if _, err := conn.Exec(ctx, "LOCK TABLE "+own.SQL()+", "+s.into.SQL()+" IN ACCESS EXCLUSIVE MODE"); err != nil {
		return changes{}, false, err
	}
	obstacles, err := texts(ctx, conn, exchangeSQL, own, s.staging)
	if err != nil {
		return changes{}, false, err
	}
	if len(obstacles) > 0 {
		t.log.Info("copying the rows of the replace into the table: another table cannot take its place",
			"stream", s.name, "because_of", strings.Join(obstacles, ", "))
		return changes{}, false, nil
	}
	statements, err := texts(ctx, conn, exchangeNamesSQL, own, s.staging)
	if err != nil {
		return changes{}, false, err
	}
	if _, err := runScript(ctx, conn, statements); err != nil {
		return changes{}, false, err
	}
	t.catalog.forget(s.schemaName)
	done.inserted, err = gatheredRows(ctx, conn, s)
	return done, true, err
}

// texts are the rows of a query about a table and the one beside it.
func texts(ctx context.Context, conn *pgx.Conn, query string, own merge.Name, beside string) ([]string, error) {
	rows, err := conn.Query(ctx, query, own.Schema, own.Table, beside)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// gatheredRows counts the rows of the staging table. Where all of them were copied straight into it that has been done.
func gatheredRows(ctx context.Context, conn *pgx.Conn, s *stream) (n int64, err error) {
	if !s.stats.merged.Load() {
		return s.stats.copied.Load(), nil
	}
	err = conn.QueryRow(ctx, "SELECT pg_catalog.count(*) FROM "+qualified(s.schemaName, s.tableName)).Scan(&n)
	return n, err
}
