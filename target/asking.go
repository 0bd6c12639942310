package target

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
)

// transaction is what the server says about an open transaction of ours, by which another connection can find out later whether
// it was committed. All of it is text as the server printed it, "" where the server does not tell.
type transaction struct {
	// id is the number. Another server may give the number to somebody else, and so may this one after a crash.
	id string
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
func transactionOf(fields []string) (tx transaction) {
	for i, into := range []*string{&tx.id, &tx.server, &tx.began, &tx.history} {
		if i < len(fields) {
			*into = fields[i]
		}
	}
	return tx
}

// rowID is the number as the rows have it that the transaction left, its last 32 bits; "" where it is not known.
func (tx transaction) rowID() string {
	number, err := strconv.ParseUint(tx.id, 10, 64)
	if err != nil {
		return ""
	}
	return strconv.FormatUint(number&math.MaxUint32, 10)
}

// inquiry is a way to ask about the open transaction.
type inquiry struct {
	// told is true where the answer comes as an INFO, while the message that the question is in goes on.
	told bool
	ask  []string
}

// inquiries are the ways to ask, the best one first. A server that refuses one is asked the next: PL/pgSQL may be missing,
// forbidden or broken, the role may not call a function, or a proxy may know neither. The last one asks nothing.
var inquiries = []inquiry{
	{told: true, ask: about}, {told: true, ask: about[:3]}, {ask: about}, {ask: about[:3]}, {ask: about[:1]}, {},
}

// toldPrefix is what the INFO begins with, the level that no setting keeps back.
const toldPrefix = "target-postgres: transaction "

// tell is the statement that raises the INFO. It takes PL/pgSQL. The search_path is pinned by then, so that it can be short (see
// [pinned]).
func (q inquiry) tell() string {
	places := strings.TrimSuffix(strings.Repeat("%, ", len(q.ask)), ", ")
	return "DO $$BEGIN RAISE INFO '" + toldPrefix + places + "', " + strings.ReplaceAll(strings.Join(q.ask, ", "), "pg_catalog.", "") + "; END$$"
}

// toldBy reads the INFO.
func toldBy(message string) (tx transaction, ours bool) {
	fields, ours := strings.CutPrefix(message, toldPrefix)
	if !ours {
		return transaction{}, false
	}
	return transactionOf(strings.Split(fields, ", ")), true
}

// open runs the statements that open a transaction, and asks about it in the same message. It leaves no transaction when it fails.
func (q inquiry) open(ctx context.Context, conn *pgx.Conn, opening []string) (tx transaction, err error) {
	if len(q.ask) > 0 {
		opening = append(slices.Clone(opening), "SELECT "+strings.Join(q.ask, ", "))
	}
	results, err := runScript(ctx, conn, opening)
	if err != nil {
		rollback(ctx, conn)
		return transaction{}, err
	}
	if len(q.ask) == 0 {
		return transaction{}, nil
	}
	var fields []string
	for _, field := range results[len(results)-1].Rows[0] {
		fields = append(fields, string(field))
	}
	return transactionOf(fields), nil
}

// inquirer asks about transactions in the best way that the server does not refuse. Any goroutine may use it.
type inquirer struct {
	// way is the index of that way.
	way atomic.Int32
}

// askBy calls open with one way to ask after the other, until the server does not refuse it. The way that worked is the first one
// for every transaction after this one.
func (i *inquirer) askBy(conn *pgx.Conn, open func(q inquiry) (asked bool, err error)) error {
	for way := i.way.Load(); ; way++ {
		asked, err := open(inquiries[way])
		if asked {
			i.way.Store(max(way, i.way.Load()))
			return err
		}
		last := int(way) == len(inquiries)-1
		if last || stateOf(err) == "" || conn.IsClosed() || waitedInVain(err) {
			return err
		}
	}
}

// begin opens a transaction for work whose COMMIT must not be done twice, by a statement.
func (i *inquirer) begin(ctx context.Context, conn *pgx.Conn, statement string) (tx transaction, err error) {
	return tx, i.askBy(conn, func(q inquiry) (asked bool, err error) {
		tx, err = q.open(ctx, conn, []string{statement})
		return err == nil, err
	})
}

// waitedInVain reports whether a statement failed because of what other sessions do, whatever it asked.
func waitedInVain(err error) bool {
	return slices.Contains([]string{"40001", "40P01", lockNotAvailable, "57014"}, stateOf(err))
}
