package connect

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"
)

// authority signs certificates for tests.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         string
}

// issued is a certificate and its key, both as PEM text.
type issued struct {
	cert, key string
	der       []byte
	private   *ecdsa.PrivateKey
}

func newAuthority(tb testing.TB, name string) *authority {
	tb.Helper()
	a := &authority{certificate: &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign,
	}}
	made := a.issue(tb, a.certificate)
	parsed, err := x509.ParseCertificate(made.der)
	if err != nil {
		tb.Fatal(err)
	}
	a.certificate, a.key, a.pem = parsed, made.private, made.cert
	return a
}

// issue signs the template, or lets it sign itself while the authority has no key.
func (a *authority) issue(tb testing.TB, template *x509.Certificate) *issued {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		tb.Fatal(err)
	}
	template.SerialNumber = serial
	if template.NotAfter.IsZero() {
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	parent, signer := a.certificate, a.key
	if signer == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		tb.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	return &issued{
		cert:    string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		key:     string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private})),
		der:     der,
		private: key,
	}
}

// server issues a certificate for names and addresses.
func (a *authority) server(tb testing.TB, names ...string) *issued {
	tb.Helper()
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "a server"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	return a.issue(tb, template)
}

// expired issues a certificate that was valid last year.
func (a *authority) expired(tb testing.TB, name string) *issued {
	tb.Helper()
	return a.issue(tb, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().AddDate(-2, 0, 0), NotAfter: time.Now().AddDate(-1, 0, 0),
	})
}

// client issues a certificate that logs a role in.
func (a *authority) client(tb testing.TB, role string) *issued {
	tb.Helper()
	return a.issue(tb, &x509.Certificate{
		Subject: pkix.Name{CommonName: role}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
}

// parse returns the certificate itself.
func (i *issued) parse(tb testing.TB) *x509.Certificate {
	tb.Helper()
	parsed, err := x509.ParseCertificate(i.der)
	if err != nil {
		tb.Fatal(err)
	}
	return parsed
}
