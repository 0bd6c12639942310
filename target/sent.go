package target

import (
	"context"
	"slices"
	"target-postgres/merge"

	"github.com/jackc/pgx/v5"
)

// sentCommit is an in-doubt transaction: its COMMIT may have been sent on a connection that then broke. Doing the work again
// would double what it appended, and not find what it dropped. (docs/adr/0016-in-doubt-needs-an-identity.md)
type sentCommit struct {
	tx transaction
	// lost is false where there is no such transaction.
	lost bool
}

// remember keeps the transaction in mind if the connection is gone, on which its COMMIT may have been on its way.
func (s *sentCommit) remember(conn *pgx.Conn, tx transaction) {
	if conn.IsClosed() {
		s.tx, s.lost = tx, true
	}
}

// fate is what became of a transaction.
type fate uint8

const (
	// undone is the fate of a transaction whose rows are to be sent again.
	undone fate = iota
	// committed is the fate of one whose rows are stored.
	committed
	// doubtful is the fate where the number may be another client's by now, although nothing that was committed is lost: the
	// server was restarted.
	doubtful
	// unknowable is the fate where another server may answer, on which even what was committed may be missing.
	unknowable
)

// answer is what a server says about the number of an in-doubt transaction.
type answer struct {
	// status is that of txid_status, or notYet; "" where the server does not tell.
	status string
	// standby is true for a server in recovery.
	standby bool
	// same is true for the server that the transaction ran on, unbroken true if nothing can have given the number to another
	// transaction: the server runs since before the transaction began, and its processes have not crashed since.
	same, unbroken bool
	// successor is true for a server that goes on with the same data, on the same timeline: the same one, restarted.
	successor bool
}

// fate asks the server, once. The error is transient while the answer is not final.
func (s *sentCommit) fate(ctx context.Context, conn *pgx.Conn) (fate, error) {
	if !s.lost {
		return undone, nil
	}
	said, err := s.tx.ask(ctx, conn)
	if err != nil {
		return undone, dbError("", "ask what became of the last COMMIT", err)
	}
	found, err := said.fate()
	s.lost = err != nil
	return found, err
}

// fate weighs an answer. A number proves something only on the server that gave it: after a failover, and after a crash that
// lost what was not flushed, it may be another client's.
func (a answer) fate() (fate, error) {
	switch {
	case a.standby:
		return undone, &Error{Kind: KindTransient, Reason: "the last COMMIT was lost and the server is a standby now: waiting for the primary"}
	case a.status == "in progress" && a.same:
		return undone, &Error{Kind: KindTransient, Reason: "the server is still working on the last COMMIT"}
	case a.unbroken && a.status == "committed":
		return committed, nil
	case (a.unbroken || a.successor) && slices.Contains([]string{"aborted", "in progress", notYet}, a.status):
		return undone, nil
	case a.successor:
		return doubtful, nil
	}
	return unknowable, nil
}

// carriedOut reports whether the transaction is to be left as it is. It has dropped the table private, which is proof enough on a
// server that has lost nothing; without such a table, doing it again changes nothing.
func (s *sentCommit) carriedOut(ctx context.Context, conn *pgx.Conn, private merge.Name) (bool, error) {
	switch fate, err := s.fate(ctx, conn); {
	case err != nil, fate == undone, fate == committed:
		return fate == committed, err
	case fate == unknowable:
		return false, &Error{
			Kind: KindSystem, Reason: "the connection was lost during COMMIT, and the server that answers now cannot prove that it was " +
				"committed: after a failover another one may have taken its place",
			Hint: "run again: no STATE was emitted that depends on it",
		}
	}
	if private.Table == "" {
		return false, nil
	}
	var there bool
	if err := conn.QueryRow(ctx, "SELECT pg_catalog.to_regclass($1) IS NOT NULL", private.SQL()).Scan(&there); err != nil {
		s.lost = true // still to be found out
		return false, err
	}
	return !there, nil
}

// continues reports whether nothing speaks against the transaction's server having all that another one of the run had committed.
func (tx transaction) continues(before transaction) bool {
	if tx.history != "" && before.history != "" {
		return tx.history == before.history
	}
	return tx.server == "" || before.server == "" || tx.server == before.server
}
