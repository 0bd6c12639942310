package connect

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// reporting lets everybody in and says that it is of a version; "" says nothing.
func reporting(version string) func(net.Conn) {
	return func(conn net.Conn) {
		backend := pgproto3.NewBackend(conn, conn)
		if _, err := backend.ReceiveStartupMessage(); err != nil {
			return
		}
		backend.Send(&pgproto3.AuthenticationOk{})
		if version != "" {
			backend.Send(&pgproto3.ParameterStatus{Name: "server_version", Value: version})
		}
		backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
		if backend.Flush() == nil {
			silent(conn)
		}
	}
}

func TestAServerThatIsTooOldIsRefusedInOneSentence(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		version string
		refused bool
	}{
		{"12.22 (Debian 12.22-1.pgdg120+1)", true},
		{"9.6.24", true},
		{"8.0.2", true},
		{"12beta1", true},
		{"13.0", false},
		{"18beta1", false},
		{"18.1", false},
		{"130000", false},
		{"", false},
		{"unknown", false},
		{"PostgreSQL 9", false},
	} {
		t.Run("version "+test.version, func(t *testing.T) {
			t.Parallel()
			cfg := listen(t, reporting(test.version))
			cfg.SSLMode, cfg.ConnectTimeout = "disable", 10*time.Second
			c := connector(t, cfg)
			conn, err := c.Connect(t.Context())
			if !test.refused {
				if err != nil {
					t.Fatalf("the server is refused: %v", err)
				}
				_ = conn.Close(t.Context())
				return
			}
			failed, is := errors.AsType[*Error](err)
			if !is || failed.Step != StepLogin || failed.Transient || c.Reached() {
				t.Fatalf("the error is %#v, want one of the login that is final", err)
			}
			for _, want := range []string{"is PostgreSQL " + test.version, "needs PostgreSQL 13 or newer", c.servers[0].place} {
				if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("the error is %q, want one line with %q", err, want)
				}
			}
		})
	}
}
