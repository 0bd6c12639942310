package pgtx

import (
	"context"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/target/failure"
)

// The questions to a server about an in-doubt transaction. A server whose processes have crashed resets its statistics.
const (
	askStatus  = "SELECT coalesce(pg_catalog.txid_status($1::pg_catalog.int8), '')"
	askStandby = "SELECT pg_catalog.pg_is_in_recovery()"
	askServer  = "SELECT pg_catalog.pg_postmaster_start_time() OPERATOR(pg_catalog.=) $1::pg_catalog.timestamptz"
	askUptime  = "SELECT coalesce(pg_catalog.pg_stat_get_bgwriter_stat_reset_time() OPERATOR(pg_catalog.<) $1::pg_catalog.timestamptz, false)"
)

// notYet is the status of a number that the server has not given to any transaction yet: it says so by an error.
const notYet = "not yet"

// ask asks a server about the transaction. An answer that it refuses is as good as not known; the error is that of the
// connection, or of something else that may pass.
func (tx Transaction) ask(ctx context.Context, conn *pgx.Conn) (a answer, err error) {
	asking := func(into any, query string, args ...any) (refused string) {
		if err != nil {
			return ""
		}
		failed := conn.QueryRow(ctx, query, args...).Scan(into)
		if failed != nil && (failure.SQLState(failed) == "" || conn.IsClosed() || failure.Transient(failure.FromServer("", "", failed))) {
			err = failed
		}
		return failure.SQLState(failed)
	}
	asking(&a.standby, askStandby)
	if a.standby || tx.Number == "" || err != nil {
		return a, err
	}
	if asking(&a.status, askStatus, tx.Number) == pgerrcode.InvalidParameterValue {
		a.status = notYet
	}
	if tx.server != "" {
		asking(&a.same, askServer, tx.server)
	} else {
		a.same = a.status == "in progress" // to wait is better than to guess
	}
	if a.same && tx.server != "" {
		asking(&a.unbroken, askUptime, tx.began)
	}
	if tx.history != "" {
		var history string
		asking(&history, "SELECT "+about[3])
		a.successor = history == tx.history
	}
	return a, err
}
