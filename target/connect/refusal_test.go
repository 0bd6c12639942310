package connect

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// What a healthy server does not say on demand, or only in other languages, and what PgBouncer says.
func TestRefusalsAreRecognisedByCodeInAnyLanguage(t *testing.T) {
	t.Parallel()
	s := connector(t, Config{Username: "all", Host: "h", Database: "my db", SSLMode: "require"}).servers[0]
	certified := connector(t, Config{Username: "u", Host: "h"}).servers[0]
	certified.p.Set("sslcert", "a certificate", "ssl_cert")
	for _, test := range []struct {
		name string
		at   *server
		said pgconn.PgError
		want want
	}{
		{"starting", s, pgconn.PgError{Code: "57P03", Message: "das Datenbanksystem startet"}, want{StepLogin, "", true, "starting up or shutting down", "wait"}},
		{"shutting down", s, pgconn.PgError{Code: "57P01", Message: "x"}, want{StepLogin, "", true, "shutting down", "wait"}},
		{"crashed", s, pgconn.PgError{Code: "57P02", Message: "x"}, want{StepLogin, "", true, "shutting down", "wait"}},
		{"database dropped", s, pgconn.PgError{Code: "57P04", Message: "x"}, want{StepLogin, "", false, "refuses the login (SQLSTATE 57P04): x", ""}},
		{"out of memory", s, pgconn.PgError{Code: "53200", Message: "x"}, want{StepLogin, "", true, "SQLSTATE 53200", ""}},
		{"disk full", s, pgconn.PgError{Code: "53100", Message: "x", Hint: "free some"}, want{StepLogin, "", false, "SQLSTATE 53100", "free some"}},
		{"connection failure", s, pgconn.PgError{Code: "08006", Message: "x"}, want{StepLogin, "", true, "SQLSTATE 08006", ""}},
		{"internal", s, pgconn.PgError{Code: "XX000", Message: "a\nb\x1b[31m"}, want{StepLogin, "", false, "a b [31m", ""}},
		{
			"no line, in German", s,
			pgconn.PgError{Code: "28000", Routine: "ClientAuthentication", Message: "kein pg_hba.conf-Eintrag für Host »10.1.2.3«, Benutzer »u«"},
			want{StepLogin, "", false, "kein pg_hba.conf", `host "my db" "all" 10.1.2.3/32 scram-sha-256`},
		},
		{
			"no line, over IPv6", s,
			pgconn.PgError{Code: "28000", Message: `no pg_hba.conf entry for host "2001:db8::1", user "u", database "d", SSL off`},
			want{StepLogin, "", false, "", `2001:db8::1/128`},
		},
		{"no line, no address", s, pgconn.PgError{Code: "28000", Message: "pg_hba.conf"}, want{StepLogin, "", false, "", "<the address"}},
		{
			"no certificate, in German", s,
			pgconn.PgError{Code: "28000", Routine: "ClientAuthentication", Message: "Verbindung erfordert ein gültiges Client-Zertifikat"},
			want{StepLogin, "ssl_cert", false, "wants a client certificate", "set ssl_cert"},
		},
		{"no role, in German", s, pgconn.PgError{Code: "28000", Routine: "InitializeSessionUserId", Message: "Rolle »all« existiert nicht"}, want{StepLogin, "username", false, "existiert nicht", `CREATE ROLE "all"`}},
		{"peer", s, pgconn.PgError{Code: "28000", Routine: "auth_failed", Message: "Peer-Authentifizierung"}, want{StepLogin, "username", false, "Peer", "pg_hba.conf chose"}},
		{"other name in the certificate", certified, pgconn.PgError{Code: "28000", Routine: "auth_failed", Message: "x"}, want{StepLogin, "ssl_cert", false, "", `must be "u"`}},
		{"PgBouncer: database", s, pgconn.PgError{Code: "08P01", Message: "no such database: my db"}, want{StepLogin, "database", false, "no such database", "[databases]"}},
		{"PgBouncer: user", s, pgconn.PgError{Code: "08P01", Message: "no such user: u"}, want{StepLogin, "password", false, "no such user", "auth_file"}},
		{"PgBouncer: password", s, pgconn.PgError{Code: "08P01", Message: "SASL authentication failed"}, want{StepLogin, "password", false, "SASL", "auth_file"}},
		{"PgBouncer: parameter", s, pgconn.PgError{Code: "08P01", Message: "unsupported startup parameter: options"}, want{StepLogin, "", false, "options", "ignore_startup_parameters"}},
		{"PgBouncer: full", s, pgconn.PgError{Code: "08P01", Message: "no more connections allowed (max_client_conn)"}, want{StepLogin, "", true, "no more", "pooler"}},
		{"PgBouncer: server down", s, pgconn.PgError{Code: "08P01", Message: "server login has been failing, try again later (server_login_retry)"}, want{StepLogin, "", true, "failing", "pooler"}},
		{"PgBouncer: TLS", s, pgconn.PgError{Code: "08P01", Message: "SSL required"}, want{StepLogin, "ssl_mode", false, "SSL required", "require"}},
		{"PgBouncer: anything else", s, pgconn.PgError{Code: "08P01", Message: "x"}, want{StepLogin, "", false, "pooler", ""}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.want.check(t, test.at.explainRefusal(&test.said))
		})
	}
}

func TestALongMessageIsCut(t *testing.T) {
	t.Parallel()
	if got := foreign(strings.Repeat("ä", 1000)); len([]rune(got)) != 301 || !strings.HasSuffix(got, "…") {
		t.Errorf("got %d characters", len([]rune(got)))
	}
}

func TestTheAttemptThatCameFurthestIsReported(t *testing.T) {
	t.Parallel()
	hba := &Error{Step: StepLogin, unlisted: true}
	login, tls, dial := &Error{Step: StepLogin}, &Error{Step: StepTLS}, &Error{Step: StepConnect}
	for _, test := range []struct {
		failures []*Error
		want     *Error
	}{
		{[]*Error{dial}, dial},
		{[]*Error{tls, dial}, tls},
		{[]*Error{tls, hba}, hba},
		{[]*Error{login, hba}, login},
		{[]*Error{hba, login}, login},
		{[]*Error{dial, tls, login}, login},
	} {
		if got := furthest(test.failures); got != test.want {
			t.Errorf("%v: got %v, want %v", test.failures, got, test.want)
		}
	}
}

// TestARefusalRepeatsNoValue has a server put a secret wherever it can.
func TestARefusalRepeatsNoValue(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	s := connector(t, Config{Username: "u", Host: "h", URL: "postgres:///d?options=-c%20app.token%3D" + secret + "%20--work-mem%3D" + secret}).servers[0]
	for _, test := range []struct {
		said pgconn.PgError
		want string
	}{
		{pgconn.PgError{Code: "22023", Message: `invalid value for parameter "work_mem": "` + secret + `"`, Hint: secret}, "refuses a parameter work_mem of the session"},
		{pgconn.PgError{Code: "22023", Message: `»app.token« ungültig: "app.token" "` + secret + `"`}, "refuses a parameter app.token of the session"},
		{pgconn.PgError{Code: "42704", Message: `unrecognized configuration parameter "` + secret + `"`}, "refuses a parameter of the session"},
		{pgconn.PgError{Code: "42601", Message: "-c " + secret + " requires a value"}, "refuses a parameter of the session"},
		{pgconn.PgError{Code: "42501", Message: `permission denied to set parameter "app.token"`, Detail: secret}, "refuses a parameter app.token of the session"},
		{pgconn.PgError{Code: "42501", Message: `permission denied for database "d"`, Detail: secret}, `may not connect to the database "d"`},
		{pgconn.PgError{Code: "P0001", Message: secret, Hint: secret, Routine: "exec_stmt_raise"}, "an exception was raised"},
		{pgconn.PgError{Code: "42501", Message: secret, Hint: secret, Where: "PL/pgSQL function f() line 1 at RAISE", Routine: "exec_stmt_raise"}, "an exception was raised"},
		{pgconn.PgError{Code: "57P03", Message: secret, Hint: secret, Where: "PL/pgSQL function f()"}, "starting up or shutting down: an exception was raised"},
		{pgconn.PgError{Code: "53300", Message: secret, Routine: "exec_stmt_raise"}, "no connection left"},
		{pgconn.PgError{Code: "28000", Message: secret, Routine: "exec_stmt_raise"}, "refuses the role"},
		{pgconn.PgError{Code: "08P01", Message: secret, Hint: secret, Where: "x"}, "refuses the login"},
		{pgconn.PgError{Code: "22012", Message: "division by zero: " + secret}, "SQLSTATE 22012"},
		{pgconn.PgError{Code: "99999", Message: secret, Hint: secret, Detail: secret}, "SQLSTATE 99999"},
	} {
		got := s.explainRefusal(&test.said).Error()
		if strings.Contains(got, secret) || !strings.Contains(got, test.want) {
			t.Errorf("%s %q is told as %q, want %q in it and no secret", test.said.Code, test.said.Message, got, test.want)
		}
	}
}
