package target

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/typemap"
)

// transact runs do in a transaction whose search_path is ours: types are read and printed with their schema, and no
// statement finds anything but what it names.
func (t *Target) transact(ctx context.Context, conn *pgx.Conn, do func() error) error {
	return transact(ctx, conn, t.beginOurs(), do)
}

func (t *Target) beginOurs() string {
	return t.config.begin() + "; SET LOCAL search_path TO pg_catalog, pg_temp"
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
	_, err := conn.Exec(ctx, "COMMIT")
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

// begin starts a transaction that depends on nothing in the session: a pooler may have given it to anyone before. Only a
// load keeps the search_path, for the triggers of the user's tables; our own SQL qualifies every name.
func (c *Config) begin() string {
	var b strings.Builder
	b.WriteString("BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL standard_conforming_strings TO on; SET LOCAL TimeZone TO 'UTC'; SET LOCAL DateStyle TO 'ISO'; SET LOCAL extra_float_digits TO 1; SET LOCAL jit TO off")
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
