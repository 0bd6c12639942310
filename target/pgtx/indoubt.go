package pgtx

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/failure"
)

// InDoubt is an in-doubt transaction: its COMMIT may have been sent on a connection that then broke. Doing the work
// again would double what it appended, and not find what it dropped. (docs/adr/0016-in-doubt-needs-an-identity.md)
type InDoubt struct {
	Tx Transaction
	// Lost is false where there is no such transaction.
	Lost bool
}

// Remember keeps the transaction in mind if the connection is gone, on which its COMMIT may have been on its way.
func (s *InDoubt) Remember(conn *pgx.Conn, tx Transaction) {
	if conn.IsClosed() {
		s.Tx, s.Lost = tx, true
	}
}

// Outcome is what became of a transaction.
type Outcome uint8

const (
	// RolledBack is the outcome of a transaction whose rows are to be sent again.
	RolledBack Outcome = iota
	// Committed is the outcome of one whose rows are stored.
	Committed
	// Doubtful is the outcome where the number may be another client's by now, although nothing that was committed is
	// lost: the server was restarted.
	Doubtful
	// Unknowable is the outcome where another server may answer, on which even what was committed may be missing.
	Unknowable
)

// answer is what a server says about the number of an in-doubt transaction.
type answer struct {
	// status is that of txid_status, or notYet; "" where the server does not tell.
	status string
	// standby is true for a server in recovery.
	standby bool
	// same is true for the server that the transaction ran on, unbroken true if nothing can have given the number to
	// another transaction: the server runs since before the transaction began, and its processes have not crashed
	// since.
	same, unbroken bool
	// successor is true for a server that goes on with the same data, on the same timeline: the same one, restarted.
	successor bool
}

// Outcome asks the server, once. The error is transient while the answer is not final.
func (s *InDoubt) Outcome(ctx context.Context, conn *pgx.Conn) (Outcome, error) {
	if !s.Lost {
		return RolledBack, nil
	}
	said, err := s.Tx.ask(ctx, conn)
	if err != nil {
		return RolledBack, failure.FromServer("", "ask what became of the last COMMIT", err)
	}
	found, err := said.outcome()
	s.Lost = err != nil
	return found, err
}

// outcome weighs an answer. A number proves something only on the server that gave it: after a failover, and after a
// crash that lost what was not flushed, it may be another client's.
func (a answer) outcome() (Outcome, error) {
	switch {
	case a.standby:
		return RolledBack, &failure.Error{Blame: failure.Connection, Reason: "the last COMMIT was lost and the server is a standby now: waiting for the primary"}
	case a.status == "in progress" && a.same:
		return RolledBack, &failure.Error{Blame: failure.Connection, Reason: "the server is still working on the last COMMIT"}
	case a.unbroken && a.status == "committed":
		return Committed, nil
	case (a.unbroken || a.successor) && slices.Contains([]string{"aborted", "in progress", notYet}, a.status):
		return RolledBack, nil
	case a.successor:
		return Doubtful, nil
	}
	return Unknowable, nil
}

// CarriedOut reports whether the transaction is to be left as it is. It has dropped the table private, which is proof
// enough on a server that has lost nothing; without such a table, doing it again changes nothing. The error is
// transient while the answer is not final, and ends the run if no server can give it.
func (s *InDoubt) CarriedOut(ctx context.Context, conn *pgx.Conn, private merge.Name) (bool, error) {
	switch outcome, err := s.Outcome(ctx, conn); {
	case err != nil, outcome == RolledBack, outcome == Committed:
		return outcome == Committed, err
	case outcome == Unknowable:
		return false, &failure.Error{
			Blame: failure.Program, Reason: "the connection was lost during COMMIT, and the server that answers now cannot prove that it was " +
				"committed: after a failover another one may have taken its place",
			Hint: "run again: no STATE was emitted that depends on it",
		}
	}
	if private.Table == "" {
		return false, nil
	}
	var there bool
	if err := conn.QueryRow(ctx, "SELECT pg_catalog.to_regclass($1) IS NOT NULL", private.SQL()).Scan(&there); err != nil {
		s.Lost = true // still to be found out
		return false, err
	}
	return !there, nil
}

// Continues reports whether nothing speaks against the transaction's server having all that another one of the run had
// committed.
func (tx Transaction) Continues(before Transaction) bool {
	if tx.history != "" && before.history != "" {
		return tx.history == before.history
	}
	return tx.server == "" || before.server == "" || tx.server == before.server
}
