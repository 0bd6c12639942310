package target

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/connect"
)

// slot is a connection, made when a job needs it, and made anew when it was lost.
type slot struct {
	connector *connect.Connector
	log       *slog.Logger
	conn      *pgx.Conn
}

// connect returns the connection.
func (s *slot) connect(ctx context.Context) (*pgx.Conn, error) {
	if s.conn != nil && s.conn.IsClosed() {
		s.disconnect()
	}
	if s.conn == nil {
		conn, err := s.connector.Connect(ctx)
		if err != nil {
			return nil, err
		}
		s.conn = conn
	}
	return s.conn, nil
}

// disconnect closes the connection politely, but does not wait long for a server that is gone.
func (s *slot) disconnect() {
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
