package staging

import (
	"context"
	_ "embed"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/target/stats"
	"target-postgres/target/stream"
	"target-postgres/typemap"
)

// A replace writes its rows once if the staging table takes the place of the stream's own, and twice if they are copied
// from the one into the other. The tables are exchanged only if nothing about the old one is lost by that. A table that
// this run has created is always exchanged: it has no other users yet. Others are unless replace_by is rows.
// (docs/adr/0017-exchange-in-a-savepoint.md)

//go:embed sql/exchange.sql
var exchangeSQL string

//go:embed sql/exchange_names.sql
var exchangeNamesSQL string

// mayExchange reports whether the staging table may take the place of the stream's own. It is created like that then.
func mayExchange(s *stream.Stream, have *pgcatalog.Table) bool {
	numbered := func(c pgcatalog.Column) bool { return c.Identity != "" }
	return s.Mode == merge.Replace && (s.Created || s.Config.ReplaceBy == config.ReplaceByTable && !s.Sliced()) &&
		have.Kind == pgcatalog.OrdinaryTable && have.Place() == merge.Here && !have.Referenced && !have.Security &&
		(len(s.Key) == 0 || have.Unique(s.Key) != nil) && s.Config.AfterCreate == "" && !slices.ContainsFunc(have.Columns, numbered)
}

// like are the columns of a table that is to be indistinguishable from another: defaults, storage and comments
// included. The key is added by itself.
func like(have *pgcatalog.Table) string {
	return "LIKE " + have.String() + " INCLUDING ALL EXCLUDING CONSTRAINTS EXCLUDING IDENTITY EXCLUDING INDEXES EXCLUDING STATISTICS"
}

// exchangeTries bounds how often an exchange is tried that another session's change of the same table spoils.
const exchangeTries = 3

// exchange puts the staging table in the place of the stream's own. It reports false, and leaves everything as it was,
// if something would be lost by that: the rows are copied then. Readers wait from the LOCK to the COMMIT, so that
// everything that takes time is done before.
func (g *Stager) exchange(ctx context.Context, conn *pgx.Conn, s *stream.Stream) (done stats.Changes, exchanged bool, err error) {
	if done.Inserted, err = stagedRows(ctx, conn, s); err != nil {
		return stats.Changes{}, false, err
	}
	obstacle := ""
	for range exchangeTries {
		var pg *pgconn.PgError
		obstacle, err = g.tryExchange(ctx, conn, s)
		switch {
		case err == nil && obstacle == "":
			g.Catalog.Forget(s.SchemaName)
			return done, true, nil
		case err == nil:
		case conn.IsClosed() || !errors.As(err, &pg) || failure.Retryable(pg):
			return stats.Changes{}, false, err
		default:
			obstacle = refusal(pg)
		}
		if _, err := conn.Exec(ctx, "ROLLBACK TO SAVEPOINT exchange"); err != nil {
			return stats.Changes{}, false, err
		}
		if pg == nil || !failure.ChangedMeanwhile(pg) {
			break
		}
	}
	g.Log.Info("replace: copying the rows instead of exchanging the tables", "stream", s.Name, "reason", obstacle)
	return stats.Changes{}, false, nil
}

// tryExchange is one attempt. It returns the reason why the tables cannot be exchanged, "" once they are. The old table
// is renamed before its privileges are read: from then on no other session can grant or revoke a privilege on it.
func (g *Stager) tryExchange(ctx context.Context, conn *pgx.Conn, s *stream.Stream) (obstacle string, err error) {
	own, old := pgtx.Qualified(s.SchemaName, s.TableName), g.tableName(s, "replaced")
	indexes, err := g.stagingIndexes(ctx, conn, s)
	if err != nil {
		return "", err
	}
	look := []string{
		"SAVEPOINT exchange",
		// A newer run, which drops the staging table of this one, must not do so now.
		"LOCK TABLE " + s.Into.SQL() + " IN ACCESS EXCLUSIVE MODE",
		// An autovacuum gives way after a second. Readers need not wait for that: they do not conflict with the weaker
		// lock.
		"LOCK TABLE " + own + " IN SHARE UPDATE EXCLUSIVE MODE",
		"LOCK TABLE " + own + " IN ACCESS EXCLUSIVE MODE",
		"ALTER TABLE " + own + " RENAME TO " + typemap.Quote(old),
		pgtx.Fill(exchangeSQL, pgtx.Qualified(s.SchemaName, old), s.Into.SQL()),
		pgtx.Fill(exchangeNamesSQL, s.SchemaName, s.Staging, old, s.TableName),
	}
	look = slices.Insert(look, 1, indexes...)
	if s.Lines != "" {
		look = slices.Insert(look, 1, "ALTER TABLE "+s.Into.SQL()+" DROP COLUMN "+typemap.Quote(s.Lines))
	}
	results, err := pgtx.Script(ctx, conn, look)
	if err != nil {
		return "", err
	}
	results = results[len(results)-2:]
	if obstacles := firstColumn(results[0]); len(obstacles) > 0 {
		// Two columns of one statistics object are two lines. The table has its name back when this is read.
		return strings.ReplaceAll(strings.Join(slices.Compact(obstacles), ", "), old, s.TableName), nil
	}
	if s.Sliced() {
		// The run that has created the table may have been joined by another one.
		others := false
		err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM "+pgtx.Qualified(s.SchemaName, old)+" LIMIT 1)").Scan(&others)
		if err != nil || others {
			return "it may have rows of other slices", err
		}
	}
	_, err = pgtx.Script(ctx, conn, append(firstColumn(results[1]), "RELEASE SAVEPOINT exchange"))
	return "", err
}

// refusal says what PostgreSQL has against an exchange.
func refusal(pg *pgconn.PgError) string {
	if pg.Code != pgerrcode.DependentObjectsStillExist || pg.Detail == "" {
		return failure.SafeMessage(pg)
	}
	var dependents []string
	for line := range strings.Lines(pg.Detail) {
		what, _, _ := strings.Cut(strings.TrimSpace(line), " depends on ")
		dependents = append(dependents, what+" depends on it")
	}
	return strings.Join(dependents, ", ")
}

func firstColumn(result *pgconn.Result) []string {
	column := make([]string, len(result.Rows))
	for i, row := range result.Rows {
		column[i] = string(row[0])
	}
	return column
}

// stagedRows counts the rows of the staging table. Where all of them were copied straight into it that has been done.
func stagedRows(ctx context.Context, conn *pgx.Conn, s *stream.Stream) (n int64, err error) {
	if !s.Stats.Merged.Load() {
		return s.Stats.Copied.Load(), nil
	}
	err = conn.QueryRow(ctx, "SELECT pg_catalog.count(*) FROM "+s.Into.SQL()).Scan(&n)
	return n, err
}
