package connect

import (
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// informed is where a connection keeps whom it informs.
const informed = "connect.informed"

// Inform has told called with every INFO that the server sends on a connection made by a [Connector], which are those that no setting
// keeps back; nil ends it. It is called by whoever uses the connection at the time, while they wait for the server, also
// within a COPY, which has no other results.
func Inform(conn *pgx.Conn, told func(message string)) {
	conn.PgConn().CustomData()[informed] = told
}

// passOn is called with all notices.
func passOn(conn *pgconn.PgConn, notice *pgconn.Notice) {
	if told, _ := conn.CustomData()[informed].(func(string)); told != nil && notice.SeverityUnlocalized == "INFO" {
		told(notice.Message)
	}
}
