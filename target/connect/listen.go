package connect

import (
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Listener hears what the server says at any time on a connection, also within a COPY, which has no other results. It
// is called on the goroutine that uses the connection, while that waits for the server.
type Listener struct {
	// Info is called with the text of an INFO, the level that no setting of the server's keeps back.
	Info func(message string)
	// Error is called for every error, before the call that waits for the server returns it.
	Error func()
}

// listening is where a connection keeps its listener.
const listening = "connect.listener"

// Listen has l listen to a connection made by a [Connector], in place of an earlier Listener; nil stops that.
func Listen(conn *pgx.Conn, l *Listener) { conn.PgConn().CustomData()[listening] = l }

// tellListeners has the connections of a configuration tell their listeners.
func tellListeners(config *pgconn.Config) {
	listener := func(conn *pgconn.PgConn) *Listener {
		l, _ := conn.CustomData()[listening].(*Listener)
		return l
	}
	config.OnNotice = func(conn *pgconn.PgConn, notice *pgconn.Notice) {
		if l := listener(conn); l != nil && notice.SeverityUnlocalized == "INFO" {
			l.Info(notice.Message)
		}
	}
	stays := config.OnPgError
	config.OnPgError = func(conn *pgconn.PgConn, err *pgconn.PgError) bool {
		if l := listener(conn); l != nil {
			l.Error()
		}
		return stays(conn, err)
	}
}
