package pipeline

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/pgtx"
)

// report is what the server says about a session of ours.
type report struct {
	pid                    uint32
	state, waitType, event string
	// since is how long the session has been in its state.
	since time.Duration
	// lock is what it waits for, holder who has it; both only if it waits for a lock that another session has.
	lock   string
	holder *holder
	// own are the sessions of this program that it waits for, maybe by way of others.
	own []uint32
}

// holder is a session that keeps a lock from us. Its times are "" where the role may not see them.
type holder struct {
	pid                                         int
	application, user, state, since, queryStart string
}

// String names the holder in a sentence. A prepared transaction has no session.
func (h *holder) String() string {
	if h.pid == 0 {
		return "held by a prepared transaction, see pg_prepared_xacts"
	}
	text := fmt.Sprintf("held by pid %d (application_name %q, user %q", h.pid, h.application, h.user)
	if h.state != "" {
		text += ", " + h.state
	}
	if h.queryStart != "" {
		text += ", query started " + h.queryStart
	}
	return text + ")"
}

// working reports whether the session gets on by itself. One that waits for a lock, for us, for a standby to confirm,
// for another server or for time to pass may wait for ever.
func (r *report) working() bool {
	if r.state != "active" {
		return false
	}
	switch r.waitType {
	case "", "IO", "LWLock", "BufferPin":
		return true
	case "IPC":
		return r.event != "SyncRep"
	}
	return false
}

// stale reports whether the session has long finished what it was sent last. Its answer, or what we sent after it, is
// lost.
func (r *report) stale(limit time.Duration) bool {
	return strings.HasPrefix(r.state, "idle") && r.since >= limit
}

//go:embed sql/sessions.sql
var sessionsSQL string

// inspect asks about sessions on a connection that has nothing else to do. ours are all that this program has.
func inspect(ctx context.Context, conn *pgx.Conn, pids, ours []uint32) ([]report, error) {
	query := strings.NewReplacer("$1", arrayOf(pids), "$2", arrayOf(ours)).Replace(sessionsSQL)
	results, err := conn.PgConn().Exec(ctx, query).ReadAll()
	if err != nil {
		return nil, err
	}
	var reports []report
	for _, row := range results[0].Rows {
		reports = append(reports, readReport(row))
	}
	return reports, nil
}

// arrayOf writes process numbers as an array's literal.
func arrayOf(pids []uint32) string {
	texts := make([]string, len(pids))
	for i, pid := range pids {
		texts[i] = strconv.Itoa(int(int32(pid)))
	}
	return pgtx.Literal("{" + strings.Join(texts, ",") + "}")
}

func readReport(row [][]byte) report {
	text := func(i int) string { return string(row[i]) }
	pid, _ := strconv.Atoi(text(0))
	seconds, _ := strconv.ParseFloat(text(4), 64)
	r := report{
		pid: uint32(pid), state: text(1), waitType: text(2), event: text(3),
		since: time.Duration(seconds * float64(time.Second)),
	}
	if by, err := strconv.Atoi(text(6)); err == nil && by >= 0 {
		r.lock = text(5)
		r.holder = &holder{pid: by, application: text(7), user: text(8), state: text(9), since: text(10), queryStart: text(11)}
	}
	for own := range strings.SplitSeq(text(12), ",") {
		if pid, err := strconv.Atoi(own); err == nil {
			r.own = append(r.own, uint32(pid))
		}
	}
	return r
}
