package connect

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestEveryWayToBeRefusedHasItsOwnSentence(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		server func() (*testServer, error)
		change func(*Config)
		want   want
		code   string
	}{
		{
			"wrong password", plainServer, func(c *Config) { c.Password = "rezrov" },
			want{StepLogin, "password", false, `password authentication failed for user "alice": the server`, "check username and password"},
			"28P01",
		},
		{
			"no password", plainServer, func(c *Config) { c.Password = "" },
			want{StepLogin, "password", false, `password authentication failed for user "alice"`, "set password"},
			"28P01",
		},
		{
			"no such role, where it may be said", plainServer, func(c *Config) { c.Username = "nobody" },
			want{StepLogin, "username", false, `role "nobody"`, "CREATE ROLE"},
			"28000",
		},
		{
			"no line in pg_hba.conf", plainServer, func(c *Config) { c.Username = "stranger" },
			want{StepLogin, "", false, "pg_hba.conf", "host loads stranger 127.0.0.1/32 scram-sha-256"},
			"28000",
		},
		{
			"a line that rejects", plainServer, func(c *Config) { c.Username = "rejected" },
			want{StepLogin, "", false, "pg_hba.conf", "host loads rejected 127.0.0.1/32"},
			"28000",
		},
		{
			"only encrypted", tlsServer, func(c *Config) { c.Username = "encrypted" },
			want{StepLogin, "", false, "pg_hba.conf", "set ssl_mode to require"},
			"28000",
		},
		{
			"no such database", plainServer, func(c *Config) { c.Database = `no "such"` },
			want{StepLogin, "database", false, `has no database "no \"such\""`, `CREATE DATABASE "no ""such"""`},
			"3D000",
		},
		{
			"no such database, none named", plainServer, func(c *Config) { c.Database = "" },
			want{StepLogin, "database", false, `has no database "alice"`, "check database"},
			"3D000",
		},
		{
			"database that is closed", plainServer, func(c *Config) { c.Database = "closed" },
			want{StepLogin, "database", false, "accepts no connections", "ALLOW_CONNECTIONS"},
			"55000",
		},
		{
			"database of others", plainServer, func(c *Config) { c.Database = "private" },
			want{StepLogin, "username", false, "may not connect", `GRANT CONNECT ON DATABASE "private" TO "alice"`},
			"42501",
		},
		{
			"too many connections", plainServer, func(c *Config) { c.Username = "crowded" },
			want{StepLogin, "", true, "no connection left", "max_connections"},
			"53300",
		},
		{
			"no client certificate", tlsServer, func(c *Config) { c.Username, c.SSLMode = "twofold", "require" },
			want{StepLogin, "ssl_cert", false, "wants a client certificate", "set ssl_cert and ssl_key"},
			"28000",
		},
		{
			"a parameter that is wrong", plainServer, func(c *Config) { c.URL = "postgres://?options=-c%20no_such=1" },
			want{StepLogin, "url", false, "refuses a parameter", "options"},
			"42704",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cfg := the(t, test.server).config()
			test.change(&cfg)
			got := fails(t, cfg)
			test.want.check(t, got)
			var pg *pgconn.PgError
			if !errors.As(got, &pg) || pg.Code != test.code {
				t.Errorf("the cause is %v, want SQLSTATE %s", got.Err, test.code)
			}
		})
	}
}

func TestThePasswordIsNeverPrintedWhereverItCameFrom(t *testing.T) {
	t.Parallel()
	s := the(t, plainServer)
	host := strings.TrimPrefix(strings.TrimPrefix(s.servers(t), "postgres://"), "@")
	escaped := url.UserPassword("alice", password).String()
	for name, cfg := range map[string]Config{
		"url":       {URL: "postgres://" + escaped + "@" + host + "/nowhere"},
		"parameter": {URL: "postgres://" + host + "/nowhere?user=alice&password=" + url.QueryEscape(strings.ReplaceAll(password, " ", "_"))},
		"keywords": {URL: "host=127.0.0.1 user=alice dbname=nowhere port=" + strings.Split(host, ":")[1] +
			" password='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(password) + "'"},
		"SQLAlchemy": {URL: "postgresql+psycopg2://" + escaped + "@" + host + "/nowhere"},
		"setting":    {URL: "postgres://" + host + "/nowhere", Username: "alice", Password: password},
		"refused":    {URL: "postgres://" + escaped + "@127.0.0.1:1/nowhere"},
		"unresolved": {URL: "postgres://" + escaped + "@nowhere.invalid/nowhere"},
		"several":    {URL: "postgres://" + escaped + "@127.0.0.1:1,nowhere.invalid:1/nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fails(t, cfg)
			for _, text := range []string{cfg.String(), cfg.GoString(), cfg.LogValue().String()} {
				for _, fragment := range fragments {
					if strings.Contains(text, fragment) {
						t.Errorf("%q is printed in %s", fragment, text)
					}
				}
			}
		})
	}
}

// servers is the address of a server as a URL without anything else.
func (s *testServer) servers(tb testing.TB) string {
	tb.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		tb.Fatal(err)
	}
	return "postgres://" + u.Host
}

func TestThePasswordLogsInWhereverItCameFrom(t *testing.T) {
	t.Parallel()
	s := the(t, plainServer)
	host := strings.TrimPrefix(s.servers(t), "postgres://")
	escaped := url.UserPassword("alice", password).String()
	for name, cfg := range map[string]Config{
		"url":        {URL: "postgres://" + escaped + "@" + host + "/loads"},
		"SQLAlchemy": {URL: "postgresql+psycopg2://" + escaped + "@" + host + "/loads"},
		"keywords": {URL: "host=127.0.0.1 user=alice dbname=loads port=" + strings.Split(host, ":")[1] +
			" password='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(password) + "'"},
		"setting beside url": {URL: "postgres://alice:wrong@" + host + "/loads", Password: password},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var user string
			if err := connect(t, cfg).QueryRow(t.Context(), "select current_user").Scan(&user); err != nil || user != "alice" {
				t.Errorf("got %q, %v", user, err)
			}
		})
	}
}

func TestAClientCertificateLogsIn(t *testing.T) {
	t.Parallel()
	s := the(t, tlsServer)
	for _, role := range []string{"certified", "twofold"} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			client := s.ca.client(t, role)
			cfg := s.config()
			cfg.Username, cfg.SSLMode, cfg.SSLRootCert = role, "verify-full", s.ca.pem
			cfg.SSLCert, cfg.SSLKey = strings.ReplaceAll(client.cert, "\n", `\n`), client.key
			if role == "certified" {
				cfg.Password = ""
			}
			if got := encryption(t, connect(t, cfg)); got != encrypted {
				t.Errorf("the connection is %s", got)
			}
		})
	}
}

func TestAClientCertificateThatIsRefusedIsExplained(t *testing.T) {
	t.Parallel()
	s := the(t, tlsServer)
	for _, test := range []struct {
		name   string
		client *issued
		want   want
	}{
		{"of somebody else", s.ca.client(t, "alice"), want{StepLogin, "ssl_cert", false, "certificate", `common name of ssl_cert must be "certified"`}},
		{"of an unknown authority", newAuthority(t, "unknown").client(t, "certified"), want{StepTLS, "ssl_cert", false, "refuses the client certificate", "ssl_ca_file"}},
		{"expired", s.ca.expired(t, "certified"), want{StepTLS, "ssl_cert", false, "refuses the client certificate", "ssl_ca_file"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cfg := s.config()
			cfg.Username, cfg.SSLMode, cfg.Password = "certified", "require", ""
			cfg.SSLCert, cfg.SSLKey = test.client.cert, test.client.key
			got := fails(t, cfg)
			for range 100 {
				// The server hangs up on what it has not read, which can overtake its alert.
				if got.Step != StepStartup {
					break
				}
				want{StepStartup, "", true, "closed the connection", "it may refuse ssl_cert"}.check(t, got)
				got = fails(t, cfg)
			}
			test.want.check(t, got)
		})
	}
}

func TestSCRAMBindsTheChannelWhereThereIsOne(t *testing.T) {
	t.Parallel()
	s := the(t, tlsServer)
	cfg := s.config()
	cfg.URL, cfg.SSLMode = "postgres://?channel_binding=require", "require"
	connect(t, cfg)
	cfg.SSLMode = "disable"
	want{StepLogin, "url", false, "does not log in with channel binding", "needs TLS"}.check(t, fails(t, cfg))
}

func TestRequireAuthForbidsOtherLogins(t *testing.T) {
	t.Parallel()
	cfg := the(t, plainServer).config()
	cfg.URL = "postgres://?require_auth=scram-sha-256"
	connect(t, cfg)
	cfg.URL = "postgres://?require_auth=password"
	want{StepLogin, "url", false, "require_auth forbids", ""}.check(t, fails(t, cfg))
}

func TestServersThatCannotBeWrittenToArePassedOver(t *testing.T) {
	t.Parallel()
	s := the(t, plainServer)
	cfg := s.config()
	cfg.Username = "reader"
	cfg.URL = "postgres://?target_session_attrs=any"
	connect(t, cfg)
	cfg.URL = "postgres://?target_session_attrs=primary"
	connect(t, cfg)
	cfg.URL = "postgres://?target_session_attrs=read-write"
	want{StepLogin, "url", true, "cannot be written to", "name the primary"}.check(t, fails(t, cfg))

	cfg.URL, cfg.Host = "", "127.0.0.1,localhost"
	want{StepLogin, "host", true, "none of 2 hosts can be used", "name the primary"}.check(t, fails(t, cfg))
}

func TestTheFirstHostThatWorksIsTaken(t *testing.T) {
	t.Parallel()
	s := the(t, plainServer)
	host := strings.TrimPrefix(s.servers(t), "postgres://")
	cfg := Config{URL: "postgres://127.0.0.1:1,nowhere.invalid:1," + host + "/loads", Username: "alice", Password: password}
	connect(t, cfg)

	cfg.Password = "rezrov"
	got := fails(t, cfg)
	want{StepLogin, "password", false, "none of 3 hosts", "check username"}.check(t, got)
	for _, part := range []string{"refuses the password", "refuses connections", "cannot resolve"} {
		if !strings.Contains(got.Reason, part) {
			t.Errorf("%q lacks %q", got.Reason, part)
		}
	}
	cfg.URL = "postgres://" + host + ",127.0.0.1:1/loads"
	want{StepLogin, "password", false, "refuses the password", ""}.check(t, fails(t, cfg))
}

func TestACallerThatGivesUpIsNotAServerThatIsSilent(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := connector(t, the(t, plainServer).config()).Connect(ctx)
	var failed *Error
	if !errors.As(err, &failed) || failed.Transient || !errors.Is(err, context.Canceled) {
		t.Errorf("got %#v", err)
	}
}
