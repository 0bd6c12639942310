package pipeline

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/connect"
	"target-postgres/target/failure"
)

// session is a connection, made when a task needs it or is about to, and made anew when it was lost.
type session struct {
	connector *connect.Connector
	log       *slog.Logger
	conn      *pgx.Conn
	// dial is a connection that is being made, or has been made and is not in use yet; nil for none.
	dial *dial
}

// dial is a connection that is being made.
type dial struct {
	stop context.CancelFunc
	// over is closed once there is a connection or an error.
	over chan struct{}
	conn *pgx.Conn
	err  error
}

// startDial begins to make the connection where there is none. It may be there by the time that a task needs it.
func (s *session) startDial(ctx context.Context) {
	if s.conn != nil && s.conn.IsClosed() {
		s.disconnect()
	}
	if s.dial.failed() {
		s.dial = nil // the task that needed it has done without
	}
	if s.conn != nil || s.dial != nil {
		return
	}
	making, stop := context.WithCancel(ctx)
	c := &dial{stop: stop, over: make(chan struct{})}
	s.dial = c
	go func() {
		defer close(c.over)
		c.conn, c.err = s.connector.Connect(making)
	}()
}

func (c *dial) failed() bool {
	return c != nil && isClosed(c.over) && c.err != nil
}

// errTooLate is the error of a connection that did not come in time.
var errTooLate = errors.New("the time for connecting was over")

// connect returns the connection, or an error when it has not come by then.
func (s *session) connect(ctx context.Context, until time.Time) (*pgx.Conn, error) {
	s.startDial(ctx)
	c := s.dial
	if c == nil {
		return s.conn, nil
	}
	// The attempt's own error, when its own time is over, comes first.
	inTime := time.AfterFunc(time.Until(until)+time.Second/2, c.stop)
	conn, err := s.take()
	if !inTime.Stop() && err != nil && ctx.Err() == nil {
		return nil, &failure.Error{Blame: failure.Connection, Reason: "connect to " + s.connector.String(), Err: errTooLate}
	}
	return conn, err
}

// take waits for the connection that is being made.
func (s *session) take() (*pgx.Conn, error) {
	c := s.dial
	if c == nil {
		return s.conn, nil
	}
	<-c.over
	c.stop()
	s.dial, s.conn = nil, c.conn
	return c.conn, c.err
}

// cancelDial ends the making of a connection.
func (s *session) cancelDial() {
	if s.dial != nil {
		s.disconnect()
	}
}

// disconnect closes the connection politely, but does not wait long for a server that is gone.
func (s *session) disconnect() {
	if s.dial != nil {
		s.dial.stop()
		_, _ = s.take() // an error is as good as a connection that is closed
	}
	if s.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := s.conn.Close(ctx); err != nil {
		s.log.Debug("close the connection", "error", err.Error())
	}
	s.conn = nil
}
