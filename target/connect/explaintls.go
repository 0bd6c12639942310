package connect

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// certificateError is a server's certificate that was not accepted.
type certificateError struct {
	cause error
	leaf  *x509.Certificate // nil when there was none
}

func (e *certificateError) Error() string { return e.cause.Error() }

func (e *certificateError) Unwrap() error { return e.cause }

var errNoCertificate = errors.New("no certificate")

// refusedTLS is the text of pgx's error for a server that answers N.
const refusedTLS = "server refused TLS connection"

// explainTLS is about encryption; nil when the error is about something else.
func (s *server) explainTLS(err error) *Error {
	e := &Error{Step: StepTLS, Setting: s.p.Source("sslmode", "ssl_mode"), Err: plain(err)}
	var certificate *certificateError
	var remote *net.OpError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &certificate):
		s.explainCertificate(e, certificate)
	case strings.Contains(said(err), refusedTLS):
		e.Reason = fmt.Sprintf("server does not support SSL: the server %s does not offer TLS, which ssl_mode %s demands", s.place, s.mode)
		e.Hint = "turn ssl on in its postgresql.conf (on PgBouncer: client_tls_sslmode), or set ssl_mode to prefer or disable"
	case errors.As(err, &remote) && remote.Op == "remote error":
		s.explainAlert(e, remote.Err.Error())
	case errors.As(err, &record):
		e.Reason = fmt.Sprintf("what listens at %s does not speak TLS the way PostgreSQL does", s.place)
		e.Hint = "check host and port"
	case strings.Contains(said(err), "tls: "):
		e.Reason = fmt.Sprintf("no encryption could be agreed on with the server %s: %s", s.place, foreign(plain(err).Error()))
		e.Hint = "it may need a newer TLS version or other ciphers; see ssl_min_protocol_version on both sides"
	default:
		return nil
	}
	return e
}

// explainCertificate fills in what is wrong with the server's certificate.
func (s *server) explainCertificate(e *Error, failed *certificateError) {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(failed, &authority):
		e.Setting = s.p.Source("sslrootcert", "ssl_root_cert")
		e.Reason = fmt.Sprintf("certificate verify failed: the certificate of the server %s is signed by an authority that is not trusted: %s",
			s.place, issuer(failed.leaf))
		e.Hint = "set ssl_root_cert to the certificate of that authority"
	case errors.As(failed, &name):
		e.Setting = s.p.Source("host", "host")
		e.Reason = fmt.Sprintf("server certificate does not match host name %q: the certificate of the server %s is for %s, not for %q",
			s.host, s.place, names(failed.leaf), s.host)
		e.Hint = "set host to a name in the certificate, or ssl_mode to verify-ca to accept any name"
	case errors.As(failed, &invalid) && invalid.Reason == x509.Expired:
		leaf := invalid.Cert
		what := "certificate has expired"
		if time.Now().Before(leaf.NotBefore) {
			what = "certificate is not yet valid"
		}
		e.Reason = fmt.Sprintf("%s: the certificate of the server %s is valid from %s to %s, and now is %s", what, s.place,
			leaf.NotBefore.Format(time.DateOnly), leaf.NotAfter.Format(time.DateOnly), time.Now().Format(time.DateOnly))
		e.Hint = "renew the certificate, or set this machine's clock"
	default:
		e.Reason = fmt.Sprintf("certificate verify failed: the certificate of the server %s cannot be verified: %s", s.place, foreign(failed.cause.Error()))
		e.Hint = "look at it with: openssl s_client -starttls postgres -connect host:port"
	}
}

// explainAlert fills in what the server dislikes about this side: nearly always its certificate.
func (s *server) explainAlert(e *Error, alert string) {
	alert = strings.TrimPrefix(alert, "tls: ")
	if alert == "handshake failure" || strings.Contains(alert, "protocol version") {
		e.Reason = fmt.Sprintf("the server %s refuses TLS: %s", s.place, foreign(alert))
		e.Hint = "the TLS versions or ciphers of the two sides do not meet, or the server wants a client certificate (ssl_cert, ssl_key)"
		return
	}
	e.Setting = s.p.Source("sslcert", "ssl_cert")
	e.Reason = fmt.Sprintf("the server %s refuses the client certificate: %s", s.place, foreign(alert))
	e.Hint = "ssl_cert must be valid and signed by the authority in the server's ssl_ca_file"
	if !s.hasCertificate() {
		e.Reason = fmt.Sprintf("the server %s refuses the encrypted connection: %s", s.place, foreign(alert))
		e.Hint = "it may want a client certificate: set ssl_cert and ssl_key"
	}
}

func (s *server) hasCertificate() bool { return s.p.Get("sslcert") != "" }

// issuer names who signed a certificate.
func issuer(leaf *x509.Certificate) string {
	if leaf.Issuer.String() == leaf.Subject.String() {
		return "itself (" + foreign(leaf.Subject.String()) + ")"
	}
	return foreign(leaf.Issuer.String())
}

// names lists what a certificate is for.
func names(leaf *x509.Certificate) string {
	all := slices.Clone(leaf.DNSNames)
	for _, ip := range leaf.IPAddresses {
		all = append(all, ip.String())
	}
	if len(all) == 0 {
		all = append(all, leaf.Subject.CommonName)
	}
	const most = 5
	text := foreign(strings.Join(all[:min(len(all), most)], ", "))
	if len(all) > most {
		text += ", …"
	}
	return text
}
