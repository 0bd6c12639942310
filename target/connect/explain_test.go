package connect

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/target/libpq"
)

// speaksTLS is a server that agrees to TLS the way PostgreSQL does, and hangs up after the handshake.
func speaksTLS(config *tls.Config) func(net.Conn) {
	return func(conn net.Conn) {
		_, _ = io.ReadFull(conn, make([]byte, 8))
		_, _ = conn.Write([]byte("S"))
		encrypted := tls.Server(conn, config)
		if encrypted.Handshake() != nil {
			silent(conn) // hanging up on unread data would destroy the alert on its way
			return
		}
		_, _ = io.ReadFull(encrypted, make([]byte, 8))
	}
}

// presents is a server with a certificate.
func presents(t *testing.T, made *issued) *tls.Config {
	t.Helper()
	pair, err := tls.X509KeyPair([]byte(made.cert), []byte(made.key))
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}}
}

func TestEveryWayForTLSToFailHasItsOwnSentence(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, "ca")
	good := presents(t, ca.server(t, "127.0.0.1"))
	old, demanding := good.Clone(), good.Clone()
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	demanding.ClientAuth = tls.RequireAnyClientCert
	itself := &authority{certificate: &x509.Certificate{}}
	selfSigned := itself.issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: "127.0.0.1"}})
	for _, test := range []struct {
		name   string
		server func(net.Conn)
		want   want
	}{
		{"signed by itself", speaksTLS(presents(t, selfSigned)), want{StepTLS, "ssl_root_cert", false, "not trusted: itself (CN=127.0.0.1)", "ssl_root_cert"}},
		{"not for servers", speaksTLS(presents(t, ca.client(t, "127.0.0.1"))), want{StepTLS, "ssl_mode", false, "cannot be verified", "s_client"}},
		{"for many others", speaksTLS(presents(t, ca.server(t, "a", "b", "c", "d", "e", "f"))), want{StepTLS, "host", false, "is for a, b, c, d, e, …, not for", "verify-ca"}},
		{"for an address", speaksTLS(presents(t, ca.server(t, "192.0.2.1"))), want{StepTLS, "host", false, "is for 192.0.2.1, not for", "verify-ca"}},
		{"without names", speaksTLS(presents(t, ca.server(t))), want{StepTLS, "host", false, "is for a server, not for", "verify-ca"}},
		{"versions that do not meet", speaksTLS(old), want{StepTLS, "ssl_mode", false, "protocol version", ""}},
		{"demands a certificate", speaksTLS(demanding), want{StepTLS, "ssl_cert", false, "certificate required", "set ssl_cert and ssl_key"}},
		{"does not mean it", func(conn net.Conn) {
			_, _ = io.ReadFull(conn, make([]byte, 8))
			_, _ = conn.Write([]byte("SHTTP/1.1 400 Bad Request\r\n\r\n"))
			silent(conn)
		}, want{StepTLS, "ssl_mode", false, "does not speak TLS", "check host and port"}},
		{"hangs up afterwards", speaksTLS(good), want{StepStartup, "", true, "closed the connection", "log"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cfg := listen(t, test.server)
			cfg.SSLMode, cfg.SSLRootCert, cfg.ConnectTimeout = "verify-full", ca.pem, 0
			test.want.check(t, fails(t, cfg))
		})
	}
}

// What pgx says about things that no server here can be made to do.
func TestPoliciesOfThisSideAreExplained(t *testing.T) {
	t.Parallel()
	s := connector(t, Config{Username: "u", Host: "GSS", URL: "postgres://?channel_binding=require"}).servers[0]
	for _, test := range []struct {
		said error
		want want
	}{
		{errors.New("failed SASL auth: invalid SCRAM server-final-message"), want{StepLogin, "password", false, "does not prove", "right server"}},
		{errors.New("failed GSS auth: no provider"), want{StepLogin, "url", false, "GSSAPI", "scram-sha-256"}},
		{fmt.Errorf("ValidateConnect failed: %w", pgconn.ErrStandbyConnection), want{StepLogin, "host", true, "cannot be written to", "primary"}},
		{fmt.Errorf("failed SASL auth: %w", io.ErrUnexpectedEOF), want{StepStartup, "", true, "closed the connection", ""}},
		{fmt.Errorf("failed SASL auth: %w", os.ErrDeadlineExceeded), want{StepStartup, "", true, "did not answer", ""}},
		{fmt.Errorf("failed to receive message: %w", &net.OpError{Op: "read", Err: errors.New("reset")}), want{StepStartup, "", true, "closed the connection", ""}},
		{errors.New("received unexpected message"), want{StepStartup, "port", false, "does not speak PostgreSQL", ""}},
	} {
		got := s.explain(fmt.Errorf("GSS tls: (channel binding): %w", test.said), libpq.DefaultConnectTimeout)
		test.want.check(t, got)
	}
}

func TestSSLCertModeRequireInsistsOnACertificate(t *testing.T) {
	t.Parallel()
	cfg := the(t, tlsServer).config()
	cfg.URL, cfg.SSLMode = "postgres://?sslcertmode=require", "require"
	want{StepLogin, "url", false, "sslcertmode=require insists", "set ssl_cert"}.check(t, fails(t, cfg))
}

func TestTheParametersOfTLSReachTheConnection(t *testing.T) {
	t.Parallel()
	s := the(t, tlsServer)
	for version, name := range map[string]string{"TLSv1.2": "TLSv1.2", "TLSv1.3": "TLSv1.3"} {
		cfg := s.config()
		cfg.SSLMode, cfg.URL = "require", "postgres://?ssl_min_protocol_version="+version+"&ssl_max_protocol_version="+version
		var got string
		if err := connect(t, cfg).QueryRow(t.Context(), "select version from pg_stat_ssl where pid = pg_backend_pid()").Scan(&got); err != nil || got != name {
			t.Errorf("got %q, want %q, %v", got, name, err)
		}
	}
	client := s.ca.client(t, "c")
	config := connector(t, Config{
		Username: "u", Host: "h", SSLMode: "require", SSLCert: client.cert, SSLKey: client.key,
		URL: "postgres://?sslsni=0&sslnegotiation=direct&sslcertmode=disable&ssl_min_protocol_version=TLSv1&ssl_max_protocol_version=TLSv1.1",
	}).servers[0].config
	got := []any{
		config.TLSConfig.ServerName, strings.Join(config.TLSConfig.NextProtos, " "), config.SSLNegotiation,
		config.TLSConfig.GetClientCertificate == nil, config.TLSConfig.MinVersion, config.TLSConfig.MaxVersion,
	}
	for i, want := range []any{"", "postgresql", "direct", true, uint16(tls.VersionTLS10), uint16(tls.VersionTLS11)} {
		if got[i] != want {
			t.Errorf("%d: got %v, want %v", i, got[i], want)
		}
	}
}

func TestWithUsePGEnvTheUserIsThatOfTheProcess(t *testing.T) {
	t.Parallel()
	env := libpq.Environment{Lookup: func(string) string { return "" }}
	c, err := newConnector(Config{UsePGEnv: true}, env, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.servers[0].config.User; got == "" || got != env.Account() {
		t.Errorf("the user is %q", got)
	}
}
