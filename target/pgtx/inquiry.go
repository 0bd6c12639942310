package pgtx

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/target/failure"
)

// Transaction is what the server says about an open transaction of ours, by which another connection can find out later
// whether it was committed. All of it is text as the server printed it, "" where the server does not tell.
type Transaction struct {
	// Number is the number. Another server may give the number to another client, and so may this one after a crash.
	Number string
	// server is when the server was started, to the microsecond: it is the same server as long as that stays the same.
	server string
	// began is when the transaction began, by the server's clock.
	began string
	// history is the system identifier and the timeline. A standby that is promoted begins a new timeline.
	history string
}

// about are the expressions for the fields of a transaction, in their order.
var about = []string{
	"pg_catalog.txid_current()",
	"pg_catalog.pg_postmaster_start_time()",
	"pg_catalog.now()",
	"(SELECT system_identifier FROM pg_catalog.pg_control_system()) OPERATOR(pg_catalog.||) '/' OPERATOR(pg_catalog.||) " +
		"pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn()), 1, 8)",
}

// transactionOf takes the fields that were asked for.
func transactionOf(fields []string) (tx Transaction) {
	for i, into := range []*string{&tx.Number, &tx.server, &tx.began, &tx.history} {
		if i < len(fields) {
			*into = fields[i]
		}
	}
	return tx
}

// RowID is the number as the rows have it that the transaction left, its last 32 bits; "" where it is not known.
func (tx Transaction) RowID() string {
	number, err := strconv.ParseUint(tx.Number, 10, 64)
	if err != nil {
		return ""
	}
	return strconv.FormatUint(number&math.MaxUint32, 10)
}

// Inquiry is a way to ask about the open transaction.
type Inquiry struct {
	// Told is true where the answer comes as an INFO, while the message that the question is in goes on.
	Told      bool
	questions []string
}

// inquiries are the ways to ask, the best one first. A server that refuses one is asked the next: PL/pgSQL may be
// missing, forbidden or broken, the role may not call a function, or a proxy may know neither. The last one asks
// nothing.
var inquiries = []Inquiry{
	{Told: true, questions: about}, {Told: true, questions: about[:3]}, {questions: about}, {questions: about[:3]}, {questions: about[:1]}, {},
}

// toldPrefix is what the INFO begins with, the level that no setting keeps back.
const toldPrefix = "target-postgres: transaction "

// Tell is the statement that raises the INFO. It takes PL/pgSQL. The search_path is pinned by then, so that it can be
// short (see [pinned]).
func (q Inquiry) Tell() string {
	places := strings.TrimSuffix(strings.Repeat("%, ", len(q.questions)), ", ")
	return "DO $$BEGIN RAISE INFO '" + toldPrefix + places + "', " + strings.ReplaceAll(strings.Join(q.questions, ", "), "pg_catalog.", "") + "; END$$"
}

// ToldBy reads the INFO.
func ToldBy(message string) (tx Transaction, ours bool) {
	fields, ours := strings.CutPrefix(message, toldPrefix)
	if !ours {
		return Transaction{}, false
	}
	return transactionOf(strings.Split(fields, ", ")), true
}

// Open runs the statements that open a transaction, and asks about it in the same message. It leaves no transaction
// when it fails.
func (q Inquiry) Open(ctx context.Context, conn *pgx.Conn, opening []string) (tx Transaction, err error) {
	if len(q.questions) > 0 {
		opening = append(slices.Clone(opening), "SELECT "+strings.Join(q.questions, ", "))
	}
	results, err := Script(ctx, conn, opening)
	if err != nil {
		Rollback(ctx, conn)
		return Transaction{}, err
	}
	if len(q.questions) == 0 {
		return Transaction{}, nil
	}
	var fields []string
	for _, field := range results[len(results)-1].Rows[0] {
		fields = append(fields, string(field))
	}
	return transactionOf(fields), nil
}

// Inquirer asks about transactions in the best way that the server does not refuse. Any goroutine may use it.
type Inquirer struct {
	// way is the index of that way.
	way atomic.Int32
}

// AskBy calls open with one way to ask after the other, until the server does not refuse it. The way that worked is the
// first one for every transaction after this one.
func (i *Inquirer) AskBy(conn *pgx.Conn, open func(q Inquiry) (asked bool, err error)) error {
	for way := i.way.Load(); ; way++ {
		asked, err := open(inquiries[way])
		if asked {
			i.way.Store(max(way, i.way.Load()))
			return err
		}
		last := int(way) == len(inquiries)-1
		if last || failure.SQLState(err) == "" || conn.IsClosed() || waitedInVain(err) {
			return err
		}
	}
}

// Begin opens a transaction for work whose COMMIT must not be done twice, by these statements. The error is pgx's.
func (i *Inquirer) Begin(ctx context.Context, conn *pgx.Conn, statements []string) (tx Transaction, err error) {
	return tx, i.AskBy(conn, func(q Inquiry) (asked bool, err error) {
		tx, err = q.Open(ctx, conn, statements)
		return err == nil, err
	})
}

// waitedInVain reports whether a statement failed because of what other sessions do.
func waitedInVain(err error) bool {
	return slices.Contains([]string{pgerrcode.SerializationFailure, pgerrcode.DeadlockDetected, pgerrcode.LockNotAvailable, pgerrcode.QueryCanceled}, failure.SQLState(err))
}
