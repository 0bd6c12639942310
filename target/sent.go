package target

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// transactionID asks for the id by which another connection can ask what became of the transaction.
const transactionID = "SELECT pg_catalog.txid_current()"

// tellTransactionID makes the server tell the id while the message that asks for it goes on, with a COPY say. It takes
// PL/pgSQL, of which a database may have none.
const (
	tellTransactionID = "DO $$BEGIN RAISE INFO '" + toldID + "%', pg_catalog.txid_current(); END$$"
	toldID            = "target-postgres: transaction "
)

// sentCommit is a transaction whose COMMIT may have been sent on a connection that then broke: whether it was carried out is
// known to the server alone. To do the work again would double what it appended, and not find what it dropped.
type sentCommit struct {
	// xid is "" when there is no such transaction.
	xid string
}

// remember keeps the transaction in mind if the connection is gone, on which its COMMIT may have been on its way.
func (s *sentCommit) remember(conn *pgx.Conn, xid string) {
	if conn.IsClosed() {
		s.xid = xid
	}
}

// fate is what became of a transaction.
type fate uint8

const (
	undone fate = iota
	committed
	// unknown is the fate of a transaction that this server has never heard of: it is another one, or long ago.
	unknown
)

// fate asks the server, once. The error is transient while the server still works on the COMMIT.
func (s *sentCommit) fate(ctx context.Context, conn *pgx.Conn) (fate, error) {
	if s.xid == "" {
		return undone, nil
	}
	var status *string
	if err := conn.QueryRow(ctx, "SELECT pg_catalog.txid_status($1::bigint)", s.xid).Scan(&status); err != nil {
		if stateOf(err) == "" || KindOf(dbError("", "", err)) == KindTransient {
			return undone, dbError("", "ask what became of the last COMMIT", err)
		}
		status = nil
	}
	switch {
	case status == nil:
		s.xid = ""
		return unknown, nil
	case *status == "in progress":
		return undone, &Error{Kind: KindTransient, Reason: "the server is still working on the last COMMIT"}
	case *status == "committed":
		s.xid = ""
		return committed, nil
	}
	s.xid = ""
	return undone, nil
}
