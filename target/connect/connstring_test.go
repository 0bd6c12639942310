package connect

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/target/libpq"
)

func TestConnectionStringsAreReadAsLibpqReadsThem(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want map[string]string
	}{
		{"", map[string]string{}},
		{"postgres://", map[string]string{}},
		{"postgresql://localhost", map[string]string{"host": "localhost"}},
		{"postgresql://localhost:5433", map[string]string{"host": "localhost", "port": "5433"}},
		{"postgresql://u@h", map[string]string{"user": "u", "host": "h"}},
		{"postgresql://u:p@h:1/d?application_name=a", map[string]string{"user": "u", "password": "p", "host": "h", "port": "1", "dbname": "d", "application_name": "a"}},
		{"postgresql://u:p%40%2F%3A%25@h/d%20e", map[string]string{"user": "u", "password": "p@/:%", "host": "h", "dbname": "d e"}},
		{"postgresql://u:p:q?r#s&t=u+v@h/d", map[string]string{"user": "u", "password": "p:q?r#s&t=u+v", "host": "h", "dbname": "d"}},
		{"postgresql://a:1,b,[::1]:3/d", map[string]string{"host": "a,b,::1", "port": "1,,3", "dbname": "d"}},
		{"postgresql://[2001:db8::1]/d", map[string]string{"host": "2001:db8::1", "dbname": "d"}},
		{"postgresql://%2Fvar%2Frun%2Fpostgresql/d", map[string]string{"host": "/var/run/postgresql", "dbname": "d"}},
		{"postgresql:///d?host=/tmp&port=7", map[string]string{"host": "/tmp", "port": "7", "dbname": "d"}},
		{"postgresql://h?user=u&password=p%26q", map[string]string{"host": "h", "user": "u", "password": "p&q"}},
		{"postgresql://h/?sslmode=disable&ssl=true", map[string]string{"host": "h", "sslmode": "require"}},
		{"postgresql://h/?ssl=true&sslmode=verify-ca", map[string]string{"host": "h", "sslmode": "verify-ca"}},
		{"postgresql://h/?options=-c%20search_path%3Dx", map[string]string{"host": "h", "options": "-c search_path=x"}},
		{" postgres://h\n", map[string]string{"host": "h"}},
		{"host=h port=1 user=u", map[string]string{"host": "h", "port": "1", "user": "u"}},
		{`host = 'h' password = 'it\'s a \\ b' dbname=d\ e`, map[string]string{"host": "h", "password": `it's a \ b`, "dbname": "d e"}},
		{"host=a,b port=1,2 database=d", map[string]string{"host": "a,b", "port": "1,2", "dbname": "d"}},
		{"user='' host=h", map[string]string{"host": "h"}},
		{"host=a host=b", map[string]string{"host": "b"}},
		{"password=postgres://x host=h", map[string]string{"password": "postgres://x", "host": "h"}},
	} {
		got := plainParams(t, test.text)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.text, diff)
		}
		sameAsPgx(t, strings.TrimSpace(test.text), got)
	}
}

func plainParams(t *testing.T, text string) map[string]string {
	t.Helper()
	p, err := libpq.ParseURL(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	plain := map[string]string{}
	for keyword, given := range p {
		if given.Source != "url" {
			t.Errorf("%s: %s comes from %q", text, keyword, given.Source)
		}
		plain[keyword] = given.Value
	}
	return plain
}

// sameAsPgx lets pgx, which follows libpq closely, read the string too.
func sameAsPgx(t *testing.T, text string, got map[string]string) {
	t.Helper()
	config, err := pgconn.ParseConfig(text)
	if err != nil {
		t.Errorf("%s: pgx disagrees: %v", text, err)
		return
	}
	host, _, _ := strings.Cut(got["host"], ",")
	for _, pair := range [][2]string{
		{host, config.Host}, {got["user"], config.User}, {got["password"], config.Password}, {got["dbname"], config.Database},
	} {
		if pair[0] != "" && pair[0] != pair[1] {
			t.Errorf("%s: %q, but pgx reads %q", text, pair[0], pair[1])
		}
	}
}

func TestSQLAlchemyURLsAreReadAsSQLAlchemyReadsThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]map[string]string{
		"postgresql+psycopg2://u:p@h:1/d":              {"user": "u", "password": "p", "host": "h", "port": "1", "dbname": "d"},
		"postgresql+psycopg://u:p/q@h/d":               {"user": "u", "password": "p/q", "host": "h", "dbname": "d"},
		"postgres+asyncpg://u@h/d?ssl=require":         {"user": "u", "host": "h", "dbname": "d", "sslmode": "require"},
		"postgresql+psycopg2://u@/d?host=a:1&host=b:2": {"user": "u", "host": "a,b", "port": "1,2", "dbname": "d"},
		"postgresql+psycopg2://u@/d?host=a&host=b":     {"user": "u", "host": "a,b", "dbname": "d"},
		"postgresql+psycopg2://u@/d?host=/tmp&port=1":  {"user": "u", "host": "/tmp", "port": "1", "dbname": "d"},
	} {
		if diff := cmp.Diff(want, plainParams(t, text)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", text, diff)
		}
	}
}

// A URL that is broken, most often by a password that is not escaped, must not be repeated, not even where a piece of
// the password is taken for something else.
func TestABrokenURLIsExplainedWithoutRepeatingAnyOfIt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ url, reason string }{
		{"postgres://u:xyzzy@plugh@h/d", "unexpected @"},
		{"postgres://u:xyzzy@plugh/frotz@h/d", "unexpected @"},
		{"postgres://u:xyzzy/plugh@h/d", "unexpected @"},
		{"postgres://u:xyzzy/plugh?frotz=blorb@h/d", "none of"},
		{"postgres://u:xyzzy/plugh?user=blorb", "port"},
		{"postgres://u:1/d?frotz=blorb@h/d", "none of PostgreSQL's"},
		{"postgres://u:xyzzy?user=u", "port"},
		{"postgres://u:%xyzzy@h/d", "percent-encoded"},
		{"postgres://u:xyzzy%00@h/d", "percent-encoded"},
		{"postgres://u:xyzzy\x00@h/d", "NUL"},
		{"postgres://[xyzzy", "bracketed"},
		{"postgres://[::1]xyzzy/d", "bracketed"},
		{"postgres://h/d?xyzzy", "without ="},
		{"postgres://h/d?password=a&xyzzy=b", "none of PostgreSQL's"},
		{"postgres://h/d?sslmode=xyzzy&user=u", "TLS mode"},
		{"postgres://h/d?user=u&connect_timeout=xyzzy", "connect_timeout"},
		{"postgres://u@h/d?target_session_attrs=xyzzy", "target_session_attrs"},
		{"postgres://u@h/d?target_session_attrs=standby", "target_session_attrs"},
		{"postgres://u@h/d?channel_binding=xyzzy", "channel_binding"},
		{"postgres://u@h/d?require_auth=xyzzy", "require_auth"},
		{"postgres://u@h/d?sslcertmode=xyzzy", "sslcertmode"},
		{"postgres://u@h/d?min_protocol_version=3.2&max_protocol_version=3.0", "contradict"},
		{"postgres://u@h/d?ssl=xyzzy", "ssl"},
		{"postgres://u@h/d?ssl_mode=require", "ssl_mode, which is none"},
		{"postgres://u@h/d?sslcrl=/xyzzy", "revocation"},
		{"postgres://u@h/d?gssencmode=require", "GSSAPI"},
		{"postgres://u@h/d?service=xyzzy", "use_pg_env"},
		{"postgres://u@h/d?passfile=xyzzy", "use_pg_env"},
		{"postgres://u@h/d?sslnegotiation=direct", "needs ssl_mode require"},
		{"postgres://u@h/d?sslrootcert=system&sslmode=require", "weaker than verify-full"},
		{"postgres://u@h/d?sslmode=require&ssl_min_protocol_version=xyzzy", "TLS version"},
		{"postgres://u@a:1,b:2/d?port=1,2,3", "3 ports for 2 hosts"},
		{"postgres://u@h:xyzzy/d", "port"},
		{"postgres://u@h:70000/d", "port"},
		{"postgres://u@a%20xyzzy/d", "more than the name"},
		{"jdbc:postgresql://u:xyzzy@h/d", "not a PostgreSQL URL"},
		{"mysql://u:xyzzy@h/d", "not a PostgreSQL URL"},
		{"xyzzy", "neither a URL"},
		{"host=h password=xyzzy plugh=frotz", "none of PostgreSQL's"},
		{"host=h password=xyzzy plugh", "without ="},
		{"host=h password='xyzzy", "without its end"},
		{"=xyzzy", "without ="},
	} {
		got := fails(t, Config{URL: test.url, Database: "d"})
		if got.Step != StepConfigure || got.Setting != "url" || !strings.Contains(got.Reason, test.reason) || got.Transient {
			t.Errorf("%q: got %s, setting %s: %v, want %q", test.url, got.Step, got.Setting, got, test.reason)
		}
	}
}

func TestSettingsAreCheckedBeforeAnythingIsConnected(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		cfg     Config
		setting string
		reason  string
	}{
		{"no user", Config{Host: "h"}, "username", "missing"},
		{"a URL as host", Config{Username: "u", Host: "postgres://u:xyzzy@h"}, "host", "more than"},
		{"host and port", Config{Username: "u", Host: "h:5432"}, "host", "more than"},
		{"NUL", Config{Username: "u", Password: "xyzzy\x00"}, "password", "NUL"},
		{"port", Config{Username: "u", Port: 70000}, "port", "1 to 65535"},
		{"negative port", Config{Username: "u", Port: -1}, "port", "1 to 65535"},
		{"mode", Config{Username: "u", SSLMode: "on"}, "ssl_mode", "does not exist"},
		{"ports of the url for other hosts", Config{URL: "postgres://u@a:1,b:2/", Host: "c"}, "url", "2 ports for 1 hosts"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := fails(t, test.cfg)
			want{step: StepConfigure, setting: test.setting, reason: test.reason}.check(t, got)
			if !strings.HasPrefix(got.Error(), test.setting+" ") {
				t.Errorf("%q does not begin with the setting", got)
			}
		})
	}
}

func TestASettingWinsOverItsPartOfTheURL(t *testing.T) {
	t.Parallel()
	c := connector(t, Config{
		URL:  "postgres://u:p@h:1/d?application_name=a&connect_timeout=5",
		Host: "other", Port: 2, Username: "me", Password: "secret", Database: "mine", ApplicationName: "b", ConnectTimeout: 1500e6,
	})
	s := c.servers[0]
	got := []any{s.host, s.config.Host, int(s.config.Port), s.config.User, s.config.Password, s.config.Database, s.config.RuntimeParams["application_name"], c.timeout.String()}
	want := []any{"other", "other", 2, "me", "secret", "mine", "b", "1.5s"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestWhatIsNotGivenHasADefault(t *testing.T) {
	t.Parallel()
	c := connector(t, Config{Username: "u"})
	s := c.servers[0]
	got := []any{s.place, s.config.Database, s.config.RuntimeParams["application_name"], c.timeout.String(), s.config.TLSConfig == nil}
	if diff := cmp.Diff([]any{"localhost:5432", "", "target-postgres", "30s", true}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if c := connector(t, Config{URL: "postgres://u@h/?connect_timeout=0&fallback_application_name=f"}); c.timeout != libpq.DefaultConnectTimeout ||
		c.servers[0].config.RuntimeParams["application_name"] != "f" {
		t.Errorf("got %s and %s", c.timeout, c.servers[0].config.RuntimeParams["application_name"])
	}
}

func FuzzConnectionStringsNeverPanicAndNeverShowTheirPassword(f *testing.F) {
	for _, seed := range []string{
		"postgres://u:xyzzy@h:1/d?sslmode=require", "host=h password='xyzzy'", "postgresql+x://a:xyzzy/b@c?host=d:1", "postgres://[::1]:1,b?p=xyzzy",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := libpq.ParseURL(text)
		if err != nil {
			// A keyword that is not PostgreSQL's may be named, nothing else.
			name, _, _ := strings.Cut(strings.TrimPrefix(err.Reason, "has a parameter "), ",")
			if strings.Contains(err.Error(), "xyzzy") && !strings.Contains(name, "xyzzy") {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		for keyword := range p {
			if _, ok := libpq.Keywords[keyword]; !ok {
				t.Errorf("%q: %q is not known", text, keyword)
			}
		}
	})
}
