package failure

import (
	"errors"
	"strings"

	"github.com/jackc/pgerrcode"

	"target-postgres/target/connect"
)

// A fault of one stream takes nothing else with it. Everything that was complete before is committed and its STATE
// emitted; the run then ends, or goes on without the stream (on_stream_error).

// ConnectionLost reports whether an error means that there is no connection any more, so that nothing else can be done.
func ConnectionLost(err error) bool {
	if _, is := errors.AsType[*connect.Error](err); is {
		return true
	}
	code := SQLState(err)
	if code == "" {
		kind := KindOf(err)
		return kind != KindConfig && kind != KindInput
	}
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57P") || code == pgerrcode.TooManyConnections ||
		code == pgerrcode.IdleInTransactionSessionTimeout || code == TransactionTimeout
}

// OfServer reports whether an error is the server's, whatever stream it met: of the connection, of memory or of a disk.
func OfServer(err error) bool {
	code := SQLState(err)
	return ConnectionLost(err) || strings.HasPrefix(code, "53") || strings.HasPrefix(code, "58")
}
