package connect

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// What a healthy server does not say on demand, or only in other languages, and
// what PgBouncer says.
func TestRefusalsAreRecognisedByCodeInAnyLanguage(t *testing.T) {
	t.Parallel()
	s := connector(t, Config{Username: "all", Host: "h", Database: "my db", SSLMode: "require"}).servers[0]
	certified := connector(t, Config{Username: "u", Host: "h"}).servers[0]
	certified.p.set("sslcert", "a certificate", "ssl_cert")
	for _, test := range []struct {
		name string
		at   *server
		said pgconn.PgError
		want want
	}{
		{"starting", s, pgconn.PgError{Code: "57P03", Message: "das Datenbanksystem startet"}, want{StepLogin, "", true, "starting up or shutting down", "wait"}},
		{"shutting down", s, pgconn.PgError{Code: "57P01", Message: "x"}, want{StepLogin, "", true, "shutting down", "wait"}},
		{"crashed", s, pgconn.PgError{Code: "57P02", Message: "x"}, want{StepLogin, "", true, "shutting down", "wait"}},
		{"database dropped", s, pgconn.PgError{Code: "57P04", Message: "x"}, want{StepLogin, "", false, "refuses the login: x (SQLSTATE 57P04)", ""}},
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
