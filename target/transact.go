package target

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/typemap"
)

// transact runs do in a transaction.
func (t *Target) transact(ctx context.Context, conn *pgx.Conn, do func() error) error {
	return transact(ctx, conn, t.config.begin(), do)
}

// ask returns the result of a single statement in a transaction of its own, in one round trip.
func ask(ctx context.Context, conn *pgx.Conn, begin, statement string) (*pgconn.Result, error) {
	results, err := runScript(ctx, conn, []string{begin, statement, "COMMIT"})
	if err != nil {
		rollback(ctx, conn)
		return nil, err
	}
	return results[len(results)-2], nil
}

// runScript runs statements as one string, in one round trip, and returns the results of those before the first that failed.
// All of it is read before the first is run: a literal in it cannot depend on a setting that is made in it.
func runScript(ctx context.Context, conn *pgx.Conn, statements []string) ([]*pgconn.Result, error) {
	return conn.PgConn().Exec(ctx, strings.Join(statements, ";\n")).ReadAll()
}

// fill puts texts in the places $1 and $2 of a query, which must not have them in a comment.
func fill(query string, texts ...string) string {
	pairs := make([]string, 0, 2*len(texts))
	for i, text := range texts {
		pairs = append(pairs, "$"+strconv.Itoa(i+1), literal(text)+"::pg_catalog.text")
	}
	return strings.NewReplacer(pairs...).Replace(strings.TrimSpace(query))
}

// transact runs do in a transaction that the statement begin opens. It rolls back where do fails, and returns its error.
func transact(ctx context.Context, conn *pgx.Conn, begin string, do func() error) error {
	if _, err := conn.Exec(ctx, begin); err != nil {
		return err
	}
	return carryThrough(ctx, conn, do)
}

// carryThrough runs do in the open transaction and ends it.
func carryThrough(ctx context.Context, conn *pgx.Conn, do func() error) error {
	if err := do(); err != nil {
		rollback(ctx, conn)
		return err
	}
	_, err := conn.Exec(ctx, commitByTheRole)
	return err
}

// rollback ends a failed transaction, also when the context is what ended it. A connection on which that fails is closed:
// whoever came after would be in the transaction.
func rollback(ctx context.Context, conn *pgx.Conn) {
	if conn.IsClosed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackWait)
	defer cancel()
	if _, err := conn.Exec(ctx, "ROLLBACK"); err != nil {
		_ = conn.Close(ctx)
	}
}

// rollbackWait bounds what is spent on a server that no longer answers.
const rollbackWait = 5 * time.Second

// commit ends a transaction. Deferred triggers of the user's run then, which is why it has the search_path of the role.
const (
	commit          = "COMMIT"
	commitByTheRole = merge.RolePath + "; " + commit
)

// pinned are the settings that a transaction must not take from the role, the database or whoever had the session before.
// The search_path keeps everybody who may create an operator or a function in a schema of the role's path from running it as
// the loader. The others change how values are read, printed, compared or found. (docs/adr/0018-pinned-settings.md)
// They are written short: a server shows the first 1,024 bytes of the message that they are in (pg_stat_activity), and COPY comes
// after them.
var pinned = "SET LOCAL " + strings.Join([]string{
	"standard_conforming_strings=on",
	"TimeZone=UTC",
	"timezone_abbreviations='Default'",
	"DateStyle=ISO,MDY",
	"IntervalStyle=postgres",
	"extra_float_digits=1",
	"bytea_output=hex",
	"xmloption=content",
	"array_nulls=on",
	"quote_all_identifiers=off",
	"gin_fuzzy_search_limit=0",
	"jit=off",
}, "; SET LOCAL ") + "; " + merge.PinnedPath

// begin starts a transaction that depends on nothing in the session: a pooler may have given it to anyone before.
func (c *Config) begin() string {
	var b strings.Builder
	b.WriteString("BEGIN ISOLATION LEVEL READ COMMITTED; " + pinned)
	if c.Role != "" {
		b.WriteString("; SET LOCAL ROLE " + typemap.Quote(c.Role))
	}
	if c.StatementTimeout > 0 {
		fmt.Fprintf(&b, "; SET LOCAL statement_timeout TO '%ds'", c.StatementTimeout)
	}
	if c.LockTimeout > 0 {
		fmt.Fprintf(&b, "; SET LOCAL lock_timeout TO '%ds'", c.LockTimeout)
	}
	return b.String()
}
