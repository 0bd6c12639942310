package connect

import (
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Listener hears what the server says at any time on a connection, also within a COPY, which has no other results. It
// is called by whoever uses the connection, while they wait for the server.
type Listener struct {
	// Info is called with the text of an INFO, the level that no setting of the server's keeps back.
	Info func(message string)
	// Error is called for every error, before whoever waits for the server gets to know it.
	Error func()
}

// listening is where a connection keeps its listener.
const listening = "connect.listener"

// Listen has l listen to a connection made by a [Connector], in the place of whoever did; nil is nobody.
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
