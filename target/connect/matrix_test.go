package connect

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/libpq"
)

// The outcomes of the matrix.
const (
	encrypted   = "encrypted"
	unencrypted = "unencrypted"
)

// Every mode against every kind of server. What is not an outcome is a part of the error's reason.
func TestEveryTLSModeDoesWhatItsNameSays(t *testing.T) {
	t.Parallel()
	const (
		noTLS     = "does not offer TLS"
		authority = "signed by an authority that is not trusted"
		wrongName = "is for localhost, db.internal, not for"
		outdated  = "certificate has expired: the certificate of the server"
		rejected  = "pg_hba.conf"
	)
	order := []libpq.TLSMode{libpq.TLSDisable, libpq.TLSAllow, libpq.TLSPrefer, libpq.TLSRequire, libpq.TLSVerifyCA, libpq.TLSVerifyFull}
	for _, row := range []struct {
		name   string
		server func() (*testServer, error)
		change func(*Config)
		want   [6]string // in the order above
	}{
		{"server with TLS, its authority", tlsServer, nil, [6]string{unencrypted, unencrypted, encrypted, encrypted, encrypted, encrypted}},
		{"server without TLS", plainServer, nil, [6]string{unencrypted, unencrypted, unencrypted, noTLS, noTLS, noTLS}},
		{"no authority given", tlsServer, func(c *Config) { c.SSLRootCert = "" }, [6]string{unencrypted, unencrypted, encrypted, encrypted, authority, authority}},
		{"wrong authority", tlsServer, func(c *Config) { c.SSLRootCert = newAuthority(t, "another").pem }, [6]string{unencrypted, unencrypted, encrypted, authority, authority, authority}},
		{"wrong host name", tlsServer, func(c *Config) { c.Host = "127.0.0.1" }, [6]string{unencrypted, unencrypted, encrypted, encrypted, encrypted, wrongName}},
		{"expired", expiredServer, nil, [6]string{unencrypted, unencrypted, encrypted, outdated, outdated, outdated}},
		{"role that must encrypt", tlsServer, func(c *Config) { c.Username = "encrypted" }, [6]string{rejected, encrypted, encrypted, encrypted, encrypted, encrypted}},
		{"role that must not encrypt", tlsServer, func(c *Config) { c.Username = "clear" }, [6]string{unencrypted, unencrypted, unencrypted, rejected, rejected, rejected}},
	} {
		for i, mode := range order {
			t.Run(row.name+"/"+string(mode), func(t *testing.T) {
				t.Parallel()
				s := the(t, row.server)
				cfg := s.config()
				cfg.SSLRootCert, cfg.SSLMode = s.ca.pem, mode
				if row.change != nil {
					row.change(&cfg)
				}
				if want := row.want[i]; want != encrypted && want != unencrypted {
					if got := fails(t, cfg); !strings.Contains(got.Reason, want) || got.Transient || got.Hint == "" {
						t.Errorf("got %q, want %q for good and a hint", got, want)
					}
				} else if got := encryption(t, connect(t, cfg)); got != want {
					t.Errorf("the connection is %s, want %s", got, want)
				}
			})
		}
	}
}

func encryption(t *testing.T, conn *pgx.Conn) string {
	t.Helper()
	var ssl bool
	if err := conn.QueryRow(t.Context(), "select ssl from pg_stat_ssl where pid = pg_backend_pid()").Scan(&ssl); err != nil {
		t.Fatal(err)
	}
	if ssl {
		return encrypted
	}
	return unencrypted
}

func TestTheTLSModeComesFromTheStrongestSay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		cfg  Config
		want libpq.TLSMode
	}{
		{"nothing is no encryption", Config{}, "disable"},
		{"use_tls prefers", Config{UseTLS: true}, "prefer"},
		{"ssl_mode wins over use_tls", Config{UseTLS: true, SSLMode: "verify-full"}, "verify-full"},
		{"ssl_mode disable wins over use_tls", Config{UseTLS: true, SSLMode: "disable"}, "disable"},
		{"the url counts", Config{URL: "postgres://h/?sslmode=require"}, "require"},
		{"ssl_mode wins over the url", Config{URL: "postgres://h/?sslmode=require", SSLMode: "disable"}, "disable"},
		{"use_tls raises the url", Config{URL: "postgres://h/?sslmode=disable", UseTLS: true}, "prefer"},
		{"use_tls does not lower the url", Config{URL: "postgres://h/?sslmode=verify-full", UseTLS: true}, "verify-full"},
		{"JDBC's ssl", Config{URL: "postgres://h/?ssl=true"}, "require"},
		{"asyncpg's ssl", Config{URL: "postgresql+asyncpg://h/?ssl=verify-full"}, "verify-full"},
		{"the system's authorities", Config{SSLRootCert: "system"}, "verify-full"},
		{"the system's authorities, off", Config{SSLRootCert: "system", SSLMode: "disable"}, "disable"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.cfg.Username = "u"
			if got := connector(t, test.cfg).servers[0].mode; got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestARequireWithoutAuthorityVerifiesNothingAndWithOneTheChain(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, "ca")
	for _, test := range []struct {
		mode     libpq.TLSMode
		root     string
		verifies bool
	}{
		{"allow", ca.pem, false},
		{"prefer", ca.pem, false},
		{"require", "", false},
		{"require", ca.pem, true},
		{"verify-ca", "", true},
		{"verify-full", ca.pem, true},
	} {
		c := connector(t, Config{Username: "u", SSLMode: test.mode, SSLRootCert: test.root})
		config := c.servers[0].config.TLSConfig
		if config == nil {
			config = c.servers[0].config.Fallbacks[0].TLSConfig
		}
		if got := config.VerifyConnection != nil; got != test.verifies {
			t.Errorf("%s with root %t verifies: %t, want %t", test.mode, test.root != "", got, test.verifies)
		}
	}
}
