package telemetry

import (
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"target-postgres/target/failure"
	"target-postgres/target/stats"
)

// The operations of the database that are told about. A merge is several statements, for which the conventions ask for
// one name.
const (
	copyRows  = "COPY"
	mergeRows = "MERGE"
	commit    = "COMMIT"
)

// Clock is the statement by which the server says what time it is, in seconds. It travels with other statements, so
// that these can be told apart although they come back together.
const Clock = "SELECT pg_catalog.date_part('epoch', pg_catalog.clock_timestamp())"

// Rows are what an operation brings into a table.
type Rows struct {
	// Stream are the counters of the stream.
	Stream *stats.Counters
	// Rows is how many there are, Size how many bytes they take as CSV.
	Rows int
	Size int
	// Read is when the first of their records was read, the zero time if that is not known.
	Read time.Time
}

// operation tells of a statement that is over, as a span and in db.client.operation.duration.
func (t *Task) operation(name string, conn *pgx.Conn, rows *Rows, from, to time.Time, err error, more ...attribute.KeyValue) {
	r := t.run
	attrs, table := r.databaseAttributes(), ""
	if rows != nil {
		attrs, table = r.of(rows.Stream)
	}
	attrs = append(slices.Clip(attrs), semconv.DBOperationName(name))
	attrs = append(append(attrs, r.elsewhere(conn)...), more...)
	r.measured.operations.Record(r.ctx, to.Sub(from).Seconds(), metric.WithAttributes(append(slices.Clip(attrs), errorAttributes(err)...)...))
	if rows != nil {
		attrs = append(attrs, rowsKey.Int(rows.Rows), bytesKey.Int(rows.Size))
	}
	if table == "" {
		if place := r.place.Load(); place != nil {
			table = place.Database
		}
	}
	if table != "" {
		name += " " + table
	}
	t.add(part{name: name, kind: trace.SpanKindClient, from: from, to: to, attrs: attrs, err: err})
}

// elsewhere are the attributes of a server that is not the first one of the settings: they win over those.
func (r *Run) elsewhere(conn *pgx.Conn) []attribute.KeyValue {
	config, place := conn.Config(), r.place.Load()
	if place == nil || (config.Host == place.Host && int(config.Port) == place.Port) {
		return nil
	}
	return []attribute.KeyValue{semconv.ServerAddress(config.Host), semconv.ServerPort(int(config.Port))}
}

// Copying is a COPY under way. A nil one tells nothing.
type Copying struct {
	task *Task
	conn *pgx.Conn
	rows Rows
	from time.Time
	// code is what the server answered although it is no error, "" for nothing.
	code string

	mu sync.Mutex
	// held and released are when the end of the rows was held back until the transaction had its turn.
	held, released time.Time
}

// Copy begins to tell about a COPY.
func (t *Task) Copy(conn *pgx.Conn, rows Rows) *Copying {
	if t == nil {
		return nil
	}
	if first, is := t.batches[rows.Stream]; !is || (!rows.Read.IsZero() && rows.Read.Before(first)) {
		t.batches[rows.Stream] = rows.Read
	}
	return &Copying{task: t, conn: conn, rows: rows, from: time.Now()}
}

// Holding is wait, which holds the end of the rows back, and notes for how long. It may be nil, and runs in another
// goroutine.
func (c *Copying) Holding(wait func() error) func() error {
	if c == nil || wait == nil {
		return wait
	}
	return func() error {
		held := time.Now()
		err := wait()
		c.mu.Lock()
		defer c.mu.Unlock()
		c.held, c.released = held, time.Now()
		return err
	}
}

// Staged tells that the COPY is over because a key of the table objected, so that the rows take another way: that is no
// error.
func (c *Copying) Staged(err error) {
	if c != nil {
		c.code = failure.SQLState(err)
		c.End(nil, false)
	}
}

// End tells that the COPY is over, and with it the transaction if commits is true.
func (c *Copying) End(err error, commits bool) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if !c.held.IsZero() {
		c.task.waited("turn", c.held, c.released)
	}
	if err != nil || !commits || c.held.IsZero() {
		c.task.operation(copyRows, c.conn, &c.rows, c.from, now, err, c.answered()...)
		return
	}
	c.task.operation(copyRows, c.conn, &c.rows, c.from, c.held, nil)
	c.task.operation(commit, c.conn, nil, c.released, now, nil)
}

// answered is what the server answered, as attributes.
func (c *Copying) answered() []attribute.KeyValue {
	if c.code == "" {
		return nil
	}
	return []attribute.KeyValue{semconv.DBResponseStatusCode(c.code)}
}

// Merge tells of a merge that is over.
func (t *Task) Merge(conn *pgx.Conn, rows Rows, from, to time.Time, err error) {
	t.operation(mergeRows, conn, &rows, from, to, err)
}

// Commit tells of a COMMIT that is over.
func (t *Task) Commit(conn *pgx.Conn, from, to time.Time, err error) {
	t.operation(commit, conn, nil, from, to, err)
}

// Locked tells of a wait for other loaders of the same table.
func (t *Task) Locked(from, to time.Time) { t.waited("lock", from, to) }
