package pgtx

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/target/trace"
)

// Ask returns the result of a single statement in a transaction of its own, in one round trip. The error is pgx's; the
// transaction is then rolled back.
func Ask(ctx context.Context, conn *pgx.Conn, begin, statement string) (*pgconn.Result, error) {
	results, err := Script(ctx, conn, []string{begin, statement, "COMMIT"})
	if err != nil {
		Rollback(ctx, conn)
		return nil, err
	}
	return results[len(results)-2], nil
}

// Script runs statements as one string, in one round trip, and returns the results of those before the first that
// failed. All of it is read before the first is run: a literal in it cannot depend on a setting that is made in it.
func Script(ctx context.Context, conn *pgx.Conn, statements []string) ([]*pgconn.Result, error) {
	sql := strings.Join(statements, ";\n")
	done := trace.Statement(conn, sql)
	results, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	done(err)
	return results, err
}

// Fill puts texts in the places $1 and $2 of a query, which must not have them in a comment.
func Fill(query string, texts ...string) string {
	pairs := make([]string, 0, 2*len(texts))
	for i, text := range texts {
		pairs = append(pairs, "$"+strconv.Itoa(i+1), Literal(text)+"::pg_catalog.text")
	}
	return strings.NewReplacer(pairs...).Replace(strings.TrimSpace(query))
}

// Run runs do in a transaction that the statement begin opens. It rolls back where do fails, and returns its error.
func Run(ctx context.Context, conn *pgx.Conn, begin string, do func() error) error {
	if _, err := conn.Exec(ctx, begin); err != nil {
		return err
	}
	return CarryThrough(ctx, conn, do)
}

// CarryThrough runs do in the open transaction and commits it. If do fails, it rolls back and returns the error of do.
func CarryThrough(ctx context.Context, conn *pgx.Conn, do func() error) error {
	if err := do(); err != nil {
		Rollback(ctx, conn)
		return err
	}
	_, err := conn.Exec(ctx, CommitByTheRole)
	return err
}

// Rollback ends a failed transaction, also when the context is what ended it. A connection on which that fails is
// closed: its next user would be in the transaction.
func Rollback(ctx context.Context, conn *pgx.Conn) {
	if conn.IsClosed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), RollbackWait)
	defer cancel()
	if _, err := conn.Exec(ctx, "ROLLBACK"); err != nil {
		_ = conn.Close(ctx)
	}
}

// EnoughMemory is a statement of a transaction that lets the server sort and hash a batch without a file, which its
// default of 4 MB is too small for.
const EnoughMemory = "SELECT set_config('work_mem', '32MB', true) WHERE pg_size_bytes(current_setting('work_mem')) < 33554432"

// RollbackWait bounds what is spent on a server that no longer answers.
const RollbackWait = 5 * time.Second

// Commit ends a transaction. Deferred triggers of the user's run then, which is why it has the search_path of the role.
const (
	Commit          = "COMMIT"
	CommitByTheRole = merge.RolePath + "; " + Commit
)
