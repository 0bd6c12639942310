package target

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
)

// checkpoint is a point in the input at which all batches go to the database together, in one transaction, and the
// states that wait for it leave.
type checkpoint struct {
	t      *Target
	loads  []*load
	states []state
	// aside is true for rows that go where they wait for their STATE, drains bring such rows into their tables.
	aside  bool
	drains []drain
	// sent is the transaction whose COMMIT was sent on a connection that then broke.
	sent sentCommit
	// xid is the open transaction.
	xid string
	// patient is true once the checkpoint has waited in vain for a lock that its own followers may have kept from it.
	patient bool
	// races counts the attempts that a key inserted by somebody else may have ended.
	races int
}

// checkpoint hands everything that waits to the loader, and reads on while it works.
func (t *Target) checkpoint() error {
	t.due.Store(false)
	t.age.Reset(t.config.batchAge())
	if t.now().Sub(t.measuredAt) >= measureEvery {
		t.measure()
	}
	c := &checkpoint{t: t, states: t.ledger.cut()}
	var err error
	if c.drains, err = t.drains(c.states); err != nil {
		return err
	}
	t.waiting = 0
	for _, s := range t.order {
		s.settleKeys()
		if ready := t.ready(s, c.states); ready.rows() > 0 {
			l := newLoad(t.config, s, len(c.loads)).with(ready)
			c.loads = append(c.loads, l)
			s.keys.send(l.direct, t.config.connections()-1)
		}
		if s.rows() > 0 {
			t.waiting += s.batch.size
		}
	}
	if err := t.submit(c); err != nil {
		return err
	}
	return t.makeRoom()
}

// submit hands a checkpoint to the loader.
func (t *Target) submit(c *checkpoint) error {
	if len(c.loads)+len(c.states)+len(c.drains) == 0 {
		return nil
	}
	return t.loader.submit(c.job())
}

// job is the checkpoint's way into the database. Its rows are copied while the merge before it still runs.
func (c *checkpoint) job() job {
	work := []*checkpoint{c}
	j := job{run: func(ctx context.Context, conn *pgx.Conn, turn *turn) error {
		for {
			more, err := work[0].run(ctx, conn, turn)
			if err != nil {
				return err
			}
			if work = append(more, work[1:]...); len(work) == 0 {
				return nil
			}
			turn.ahead = false
			turn.alone()
		}
	}}
	// With a state table every transaction has the last word on which run it is of, and begins when its turn has come.
	if c.t.stateTable == nil && len(c.loads) > 0 && !slices.ContainsFunc(c.loads, (*load).waits) {
		j.ahead = c.copy
	}
	return j
}

// run commits the checkpoint and emits its states. Where a row is refused it returns the parts that the checkpoint falls
// into instead: what is before the row, the row, what is after it.
func (c *checkpoint) run(ctx context.Context, conn *pgx.Conn, turn *turn) ([]*checkpoint, error) {
	err := c.commit(ctx, conn, turn)
	switch {
	case err == nil:
		for _, l := range c.loads {
			l.batch.recycle(c.t.pool)
		}
		return nil, c.emit()
	case KindOf(err) != KindInput:
		c.patient = c.patient || stateOf(err) == lockNotAvailable
		return nil, err
	case c.undirect(err), c.raced(err):
		return []*checkpoint{c}, nil
	case c.rows() == 1:
		return c.refuse(err)
	case c.once():
		return c.splitAtStates(err)
	default:
		return c.split(err), nil
	}
}

// undirect sends the batches the long way that went straight into a table whose key objected. It returns false when none
// did.
func (c *checkpoint) undirect(err error) bool {
	found := false
	for _, l := range c.loads {
		if l.direct && l.job.Mode != merge.Append && stateOf(err) == "23505" {
			l.stream.fresh.Store(false)
			l.direct, found = false, true
		}
	}
	return found
}

// mostRaces bounds how often a key that another loader inserted first is tried again.
const mostRaces = 3

// raced says whether to try once more because another loader may have inserted one of the keys meanwhile: the merge then
// finds its row.
func (c *checkpoint) raced(err error) bool {
	c.races++
	return stateOf(err) == "23505" && c.races <= mostRaces
}

// rows counts the rows of all streams.
func (c *checkpoint) rows() int {
	n := 0
	for _, l := range c.loads {
		n += l.batch.rows()
	}
	return n
}

// commit loads all batches in one transaction, which is open already when they were copied ahead.
func (c *checkpoint) commit(ctx context.Context, conn *pgx.Conn, turn *turn) error {
	if len(c.loads) == 0 && !c.saves() {
		return nil
	}
	if !turn.ahead {
		switch fate, err := c.sent.fate(ctx, conn); {
		case err != nil, fate == committed:
			return err
		case fate == unknown:
			c.t.log.Warn("the connection was lost during COMMIT and the server cannot say whether it was committed: "+
				"sending the rows again, which in load mode append may double them", "rows", c.rows())
		}
		if err := c.copy(ctx, conn, turn.opened); err != nil {
			return err
		}
	}
	drained, err := c.save(ctx, conn)
	if err != nil {
		rollback(ctx, conn)
		return err
	}
	if err := c.merge(ctx, conn); err != nil {
		c.sent.remember(conn, c.xid)
		rollback(ctx, conn)
		return err
	}
	for _, l := range c.loads {
		l.stream.stats.loaded(l, c.t.now())
	}
	for _, count := range drained {
		count()
	}
	return nil
}

// merge brings all staged rows into their tables and commits.
func (c *checkpoint) merge(ctx context.Context, conn *pgx.Conn) error {
	all := &script{texts: c.lock()}
	for _, l := range c.loads {
		if err := all.add(ctx, conn, l); err != nil {
			return err
		}
		if all.long() {
			if err := all.run(ctx, conn); err != nil {
				return err
			}
			all = &script{}
		}
	}
	all.texts = append(all.texts, "COMMIT")
	return all.run(ctx, conn)
}

// copy opens the transaction and sends all rows.
func (c *checkpoint) copy(ctx context.Context, conn *pgx.Conn, opened func()) error {
	if err := c.begin(ctx, conn); err != nil {
		rollback(ctx, conn)
		return dbError("", "begin a checkpoint", err)
	}
	opened()
	for _, l := range c.loads {
		if err := l.copy(ctx, conn); err != nil {
			rollback(ctx, conn)
			if l.spills && stateOf(err) == "42P01" { // nobody but a newer run drops the table
				return c.t.stateTable.overtaken("has begun")
			}
			return err
		}
	}
	return nil
}

// enoughMemory lets the server sort a batch without a file, which its default of 4 MB is too small for.
const enoughMemory = "SELECT pg_catalog.set_config('work_mem', '32MB', true) " +
	"WHERE pg_catalog.pg_size_bytes(pg_catalog.current_setting('work_mem')) < 33554432"

// begin opens the transaction and the tables the rows are copied into.
func (c *checkpoint) begin(ctx context.Context, conn *pgx.Conn) error {
	sql := c.t.config.begin() + "; " + transactionID + "; " + enoughMemory + c.impatience()
	if locks := c.lock(); len(locks) > 0 && slices.ContainsFunc(c.loads, (*load).looksElsewhere) {
		sql += "; " + strings.Join(locks, "; ")
	}
	for _, l := range c.loads {
		if !l.direct {
			sql += "; " + l.createStaged()
		}
	}
	results, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	for _, r := range results {
		if len(r.Rows) == 1 {
			c.xid = string(r.Rows[0][0])
			break
		}
	}
	return err
}

const lockNotAvailable = "55P03"

// impatience bounds the first wait for a lock of rows that go straight into a table with a key. Another loader of the same
// table may wait for rows that this one has copied ahead, and hold a key that the rows in their turn ask for: the server does
// not see that the former wait for the latter. A second attempt has nobody ahead of it and waits as long as is set.
func (c *checkpoint) impatience() string {
	set := c.t.config.LockTimeout
	direct := slices.ContainsFunc(c.loads, func(l *load) bool { return l.direct && len(l.job.Key) > 0 })
	if !direct || c.patient || c.t.config.connections() == 1 || (set > 0 && set <= firstWait) {
		return ""
	}
	return fmt.Sprintf("; SET LOCAL lock_timeout TO '%ds'", firstWait)
}

// firstWait is in seconds.
const firstWait = 5

// lock are the statements that wait for other loaders of the tables that only one may merge into at a time.
func (c *checkpoint) lock() []string {
	var statements []string
	for _, key := range c.locks() {
		statements = append(statements, advisoryLock(key))
	}
	return statements
}

// locks are the keys of the tables that only one loader may merge into at a time: those where no unique index settles who
// inserts a key. They are sorted, so that two loaders ask for them in one order.
func (c *checkpoint) locks() []int64 {
	var keys []int64
	for _, l := range c.loads {
		unsettled := !l.job.Unique || l.job.NullKeys || l.job.Place != merge.Here
		if l.job.Mode == merge.History || (len(l.job.Key) > 0 && unsettled && !l.direct) {
			keys = append(keys, lockKey(l.job.Target.Schema, l.job.Target.Table))
		}
	}
	slices.Sort(keys)
	return keys
}

// split cuts the checkpoint before and after the row that the server refused, or in the middle when it did not say which.
func (c *checkpoint) split(err error) []*checkpoint {
	where, known := refusedRow(err)
	if !known {
		where = c.middle()
		return []*checkpoint{c.part(0, where), c.part(where, maxPosition)}
	}
	parts := []*checkpoint{c.part(0, where), c.part(where, where+1), c.part(where+1, maxPosition)}
	return slices.DeleteFunc(parts, func(p *checkpoint) bool { return len(p.loads) == 0 && len(p.states) == 0 })
}

// middle is a position with rows on both sides.
func (c *checkpoint) middle() position {
	var all []position
	for _, l := range c.loads {
		all = append(all, l.batch.rowsAt...)
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// part is what stands in the input from one position to before another.
func (c *checkpoint) part(from, before position) *checkpoint {
	p := &checkpoint{t: c.t, aside: c.aside}
	for _, l := range c.loads {
		batch := l.batch.without(func(i int) bool { return l.batch.rowsAt[i] < from || l.batch.rowsAt[i] >= before })
		if batch.rows() > 0 {
			p.loads = append(p.loads, l.with(batch))
		}
	}
	for _, s := range c.states {
		if s.where >= from && s.where < before {
			p.states = append(p.states, s)
		}
	}
	return p
}

// refuse deals with a single row that the table does not take: the run fails, or the row is rejected and what came with it
// goes on.
func (c *checkpoint) refuse(err error) ([]*checkpoint, error) {
	l := c.loads[0]
	e := &Error{Kind: KindInput, Err: err}
	errors.As(err, &e)
	e.Stream, e.Line = l.stream.name, l.batch.rowsAt[0].line()
	if nulled := l.withoutValue(e.Column, c.t.pool); nulled != nil {
		return c.instead(nulled), nil
	}
	if l.stream == c.t.rejects && untranslatable(err) {
		if ascii := l.inASCII(); ascii != nil {
			return c.instead(ascii), nil
		}
	}
	if c.t.config.OnBadRecord != "reject" || l.stream == c.t.rejects {
		return nil, e
	}
	if err := c.t.countReject(l.stream, e); err != nil {
		return nil, err
	}
	rejection, err := c.t.rejectedRow(l, e)
	if err != nil {
		return nil, err
	}
	return c.instead(rejection), nil
}

// instead is the checkpoint of a single row with another in its place.
func (c *checkpoint) instead(l *load) []*checkpoint {
	return []*checkpoint{{t: c.t, loads: []*load{l}, states: c.states, drains: c.drains, aside: c.aside}}
}
