package connect

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"

	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/target/libpq"
	"target-postgres/target/tlsfiles"
)

// security is the part of the settings that TLS is about, the same for all hosts.
type security struct {
	mode        libpq.TLSMode
	verify      bool // the chain; the name as well with verify-full
	roots       *x509.CertPool
	certificate *tls.Certificate // nil: none
	minVersion  uint16
	maxVersion  uint16
	sni, direct bool
}

// newTLS reads what the mode needs, and nothing else: with disable no file is touched.
func newTLS(p libpq.Params, env libpq.Environment, log *slog.Logger) (*security, *Error) {
	s := &security{sni: p.Get("sslsni") != "0", direct: p.Get("sslnegotiation") == "direct"}
	var err *Error
	var wrong *libpq.Error
	if s.mode, err = tlsMode(p); err != nil {
		return nil, err
	}
	if s.direct && !s.mode.Encrypts() {
		return nil, configError(p.Source("sslnegotiation", ""), "has sslnegotiation=direct, which needs ssl_mode require or more", "")
	}
	if s.mode == libpq.TLSDisable {
		if p.Get("sslmode") == "" && (p.Get("sslrootcert") != "" || p.Get("sslcert") != "") {
			log.Warn("certificates are given, but without ssl_mode the connection is not encrypted; set ssl_mode to verify-full")
		}
		return s, nil
	}
	s.verify = s.mode.Verifies() || s.mode == libpq.TLSRequire && p.Get("sslrootcert") != ""
	if s.verify {
		if s.roots, wrong = tlsfiles.Roots(p, env); wrong != nil {
			return nil, configured(wrong)
		}
	}
	if p.Get("sslcertmode") != "disable" {
		if s.certificate, wrong = tlsfiles.Certificate(p, env); wrong != nil {
			return nil, configured(wrong)
		}
	}
	if s.minVersion, err = tlsVersion(p, "ssl_min_protocol_version"); err != nil {
		return nil, err
	}
	s.maxVersion, err = tlsVersion(p, "ssl_max_protocol_version")
	return s, err
}

// tlsMode is libpq's sslmode, but for its default.
func tlsMode(p libpq.Params) (libpq.TLSMode, *Error) {
	mode, known := libpq.ParseTLSMode(p.Get("sslmode"))
	switch {
	case !known && p.Get("sslmode") != "":
		return "", configError(p.Source("sslmode", ""), "has a TLS mode that does not exist",
			"it is one of disable, allow, prefer, require, verify-ca, verify-full")
	case p.Get("sslrootcert") != tlsfiles.SystemRoots:
	case mode == "":
		return libpq.TLSVerifyFull, nil
	case mode != libpq.TLSVerifyFull && mode != libpq.TLSDisable:
		// The system trusts every holder of a certificate, for any name.
		return "", configError(p.Source("sslmode", "ssl_mode"), "is weaker than verify-full, which the root certificate \"system\" needs",
			"set ssl_mode to verify-full")
	}
	if mode == "" {
		mode = libpq.TLSDisable
	}
	return mode, nil
}

func tlsVersion(p libpq.Params, keyword string) (uint16, *Error) {
	switch p.Get(keyword) {
	case "":
		return 0, nil // Go's, and libpq's, minimum is 1.2
	case "TLSv1":
		return tls.VersionTLS10, nil
	case "TLSv1.1":
		return tls.VersionTLS11, nil
	case "TLSv1.2":
		return tls.VersionTLS12, nil
	case "TLSv1.3":
		return tls.VersionTLS13, nil
	}
	return 0, configError(p.Source(keyword, ""), "has a TLS version that does not exist", "it is TLSv1.2 or TLSv1.3")
}

// secure sets the attempts that the mode wants, in their order.
func (s *server) secure(security *security) {
	s.mode = security.mode
	attempts := []*tls.Config{nil}
	if !s.isSocket() && security.mode != libpq.TLSDisable {
		encrypted := security.config(s.host)
		switch security.mode {
		case libpq.TLSAllow:
			attempts = []*tls.Config{nil, encrypted}
		case libpq.TLSPrefer:
			attempts = []*tls.Config{encrypted, nil}
		default:
			attempts = []*tls.Config{encrypted}
		}
	}
	s.config.TLSConfig, s.config.Fallbacks = attempts[0], nil
	for _, attempt := range attempts[1:] {
		s.config.Fallbacks = append(s.config.Fallbacks,
			&pgconn.FallbackConfig{Host: s.config.Host, Port: s.config.Port, TLSConfig: attempt})
	}
}

// config is what crypto/tls needs for one host. It verifies by itself because libpq's rules are not Go's: verify-ca
// does not look at the name, and the certificates that PostgreSQL's manual teaches to make have no name but the common
// name.
func (s *security) config(host string) *tls.Config {
	config := &tls.Config{
		MinVersion: s.minVersion, MaxVersion: s.maxVersion,
		InsecureSkipVerify: true, //nolint:gosec // see VerifyConnection
	}
	if s.sni && net.ParseIP(host) == nil {
		config.ServerName = host
	}
	if s.direct {
		config.NextProtos = []string{"postgresql"}
	}
	if s.verify {
		config.VerifyConnection = func(state tls.ConnectionState) error {
			return s.check(state.PeerCertificates, host)
		}
	}
	if s.certificate != nil {
		// Like libpq, and unlike Go, whether or not the server says it knows the issuer: its refusal says more than the
		// lack of a certificate.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return s.certificate, nil
		}
	}
	return config
}

// check verifies a server's chain and, for verify-full, its name.
func (s *security) check(chain []*x509.Certificate, host string) error {
	if len(chain) == 0 {
		return &certificateError{cause: errNoCertificate}
	}
	options := x509.VerifyOptions{Roots: s.roots, Intermediates: x509.NewCertPool()}
	for _, intermediate := range chain[1:] {
		options.Intermediates.AddCert(intermediate)
	}
	if _, err := chain[0].Verify(options); err != nil {
		return &certificateError{cause: err, leaf: chain[0]}
	}
	if s.mode != libpq.TLSVerifyFull {
		return nil
	}
	if err := verifyName(chain[0], host); err != nil {
		return &certificateError{cause: err, leaf: chain[0]}
	}
	return nil
}

// verifyName is libpq's rule: the common name counts where there are no others.
func verifyName(leaf *x509.Certificate, host string) error {
	if len(leaf.DNSNames)+len(leaf.IPAddresses) > 0 {
		return leaf.VerifyHostname(host)
	}
	name := leaf.Subject.CommonName
	if net.ParseIP(host) != nil && name == host {
		return nil
	}
	return (&x509.Certificate{DNSNames: []string{name}}).VerifyHostname(host)
}
