package connect

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// cancelGrace is how long a connection may take to come back after its query was cancelled.
	cancelGrace = 5 * time.Second
	// cancelArrives is how long a request that the server has read may take to reach the session. A query that runs
	// there in the meantime would be cancelled instead.
	cancelArrives = 100 * time.Millisecond
)

// canceller asks the server to cancel a query whose context has ended. Once begun, a request is not given up: PgBouncer
// 1.18 stops, for all its clients, when the connection of a request closes before it has passed it on (pgbouncer issue
// 801). pgx's own handler closes it as soon as the query has ended by itself.
type canceller struct {
	conn *pgconn.PgConn
	// done is closed when the request has been served, or has failed.
	done chan struct{}
}

// HandleCancel begins the request. pgx calls it when the context of a query ends.
func (c *canceller) HandleCancel(context.Context) {
	deadline := time.Now().Add(cancelGrace)
	// A connection that cannot take a deadline is closed already: its query ends by itself.
	_ = c.conn.Conn().SetDeadline(deadline)
	c.done = make(chan struct{})
	go func() { //nolint:gosec // the query's context has ended, which is why this runs
		defer close(c.done)
		ctx, cancel := context.WithDeadline(context.Background(), deadline)
		defer cancel()
		// A request that fails leaves the query to the deadline.
		if c.conn.CancelRequest(ctx) == nil {
			<-time.After(cancelArrives)
		}
	}()
}

// HandleUnwatchAfterCancel waits for the end of the request. pgx calls it when the cancelled query has ended.
func (c *canceller) HandleUnwatchAfterCancel() {
	<-c.done
	_ = c.conn.Conn().SetDeadline(time.Time{})
}
