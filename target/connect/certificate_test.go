package connect

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"target-postgres/target/libpq"
	"target-postgres/target/tlsfiles"
)

// The keys in testdata/keys were written by OpenSSL 3 in every form it has: one key, that of client.crt, under one
// passphrase.
func TestEncryptedKeysOpen(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"ec-plain", "pkcs8-plain", "ec-dek-aes256", "ec-dek-des3",
		"pkcs8-aes128", "pkcs8-aes192", "pkcs8-aes256", "pkcs8-des3", "pkcs8-scrypt",
		"pkcs8-hmacWithSHA1", "pkcs8-hmacWithSHA224", "pkcs8-hmacWithSHA384", "pkcs8-hmacWithSHA512",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := withKey(t, name)
			cfg.SSLKeyPassphrase = keyPassphrase
			config := connector(t, cfg).servers[0].config.TLSConfig
			if got, err := config.GetClientCertificate(nil); err != nil || got.PrivateKey == nil {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func withKey(t *testing.T, name string) Config {
	t.Helper()
	return Config{
		Username: "u", SSLMode: "require", SSLCert: filepath.Join("testdata", "keys", "client.crt"),
		SSLKey: readFile(t, filepath.Join("testdata", "keys", name+".pem")),
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestKeysThatCannotBeOpenedAreExplained(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key, passphrase string
		setting, reason string
	}{
		{"pkcs8-aes256", "", "ssl_key", "is encrypted"},
		{"ec-dek-aes256", "", "ssl_key", "is encrypted"},
		{"pkcs8-aes256", "gnusto-wrong", "ssl_key_passphrase", "passphrase is wrong"},
		{"pkcs8-scrypt", "gnusto-wrong", "ssl_key_passphrase", "passphrase is wrong"},
		{"ec-dek-aes256", "gnusto-wrong", "ssl_key_passphrase", "does not open"},
		{"pkcs8-pbes1", keyPassphrase, "ssl_key_passphrase", "outdated scheme (1.2.840.113549.1.12.1.3)"},
		{"pkcs8-camellia", keyPassphrase, "ssl_key_passphrase", "not AES or 3DES"},
	} {
		t.Run(test.key+" "+test.passphrase, func(t *testing.T) {
			t.Parallel()
			cfg := withKey(t, test.key)
			cfg.SSLKeyPassphrase = test.passphrase
			want{step: StepConfigure, setting: test.setting, reason: test.reason}.check(t, fails(t, cfg))
		})
	}
}

func TestADamagedKeyIsAnErrorAndNoPanic(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"pkcs8-aes256", "pkcs8-scrypt", "pkcs8-des3"} {
		block := tlsfiles.FirstKey([]byte(withKey(t, name).SSLKey))
		for length := range block.Bytes {
			if _, err := tlsfiles.DecryptPKCS8(block.Bytes[:length], keyPassphrase); err == nil {
				t.Errorf("%s cut to %d bytes opens", name, length)
			}
		}
	}
}

func TestCertificateSettingsThatCannotBeUsedAreExplained(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, "ca")
	client, other := ca.client(t, "c"), ca.client(t, "d")
	dir := t.TempDir()
	der := filepath.Join(dir, "cert.der")
	if err := os.WriteFile(der, client.der, 0o600); err != nil {
		t.Fatal(err)
	}
	sshKey := string(pem.EncodeToMemory(&pem.Block{Type: "OPENSSH PRIVATE KEY", Bytes: []byte("xyzzy")}))
	mangled := strings.ReplaceAll(strings.TrimPrefix(client.key, "-----BEGIN EC PRIVATE KEY-----\n"), "\n", "")
	for _, test := range []struct {
		name            string
		cfg             Config
		setting, reason string
	}{
		{"key without certificate", Config{SSLKey: client.key}, "ssl_key", "without ssl_cert"},
		{"certificate without key", Config{SSLCert: client.cert}, "ssl_cert", "without ssl_key"},
		{"key of another certificate", Config{SSLCert: client.cert, SSLKey: other.key}, "ssl_key", "private key does not match"},
		{"key as certificate", Config{SSLCert: client.key, SSLKey: client.key}, "ssl_cert", "no certificate"},
		{"certificate as key", Config{SSLCert: client.cert, SSLKey: client.cert}, "ssl_key", "no private key"},
		{"SSH key", Config{SSLCert: client.cert, SSLKey: sshKey}, "ssl_key", "SSH key"},
		{"no such file", Config{SSLCert: filepath.Join(dir, "none"), SSLKey: client.key}, "ssl_cert", "no such file"},
		{"DER", Config{SSLCert: der, SSLKey: client.key}, "ssl_cert", "not PEM"},
		{"key without its first line", Config{SSLCert: client.cert, SSLKey: mangled}, "ssl_key", "cannot be read"},
		{"root without end", Config{SSLRootCert: ca.pem[:100], SSLMode: "verify-ca"}, "ssl_root_cert", "no certificate"},
		{"root that is a key", Config{SSLRootCert: client.key, SSLMode: "verify-ca"}, "ssl_root_cert", "no certificate"},
		{"root that does not exist", Config{SSLRootCert: filepath.Join(dir, "none"), SSLMode: "verify-ca"}, "ssl_root_cert", "cannot be read"},
		{"root in many lines", Config{SSLRootCert: "MII\nxyzzy", SSLMode: "verify-ca"}, "ssl_root_cert", "neither a path"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if runtime.GOOS == "windows" && strings.Contains(test.reason, "no such file") {
				t.Skip("other words")
			}
			test.cfg.Username = "u"
			if test.cfg.SSLMode == "" {
				test.cfg.SSLMode = "require"
			}
			got := fails(t, test.cfg)
			want{step: StepConfigure, setting: test.setting, reason: test.reason}.check(t, got)
			if text := strings.TrimSpace(mangled); strings.Contains(got.Error(), text[:20]) {
				t.Errorf("the key is printed: %v", got)
			}
		})
	}
}

func TestPEMMayBeTextInAnyShapeOrAPath(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, "ca")
	client := ca.client(t, "c")
	dir := t.TempDir()
	for name, text := range map[string]string{"root.crt": ca.pem, "client.crt": client.cert, "client.key": client.key} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	shapes := map[string]func(text, file string) string{
		"text":           func(text, _ string) string { return text },
		"literal breaks": func(text, _ string) string { return strings.ReplaceAll(text, "\n", `\n`) },
		"CRLF":           func(text, _ string) string { return strings.ReplaceAll(text, "\n", "\r\n") },
		"literal CRLF":   func(text, _ string) string { return strings.ReplaceAll(text, "\n", `\r\n`) },
		"text before":    func(text, _ string) string { return "subject=CN = x\n\n" + text },
		"path":           func(_, file string) string { return filepath.Join(dir, file) },
		"home":           func(_, file string) string { return "~/" + file },
	}
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := newConnector(Config{
				Username: "u", SSLMode: "verify-full",
				SSLRootCert: shape(ca.pem, "root.crt"), SSLCert: shape(client.cert, "client.crt"), SSLKey: shape(client.key, "client.key"),
			}, libpq.Environment{Lookup: func(string) string { return "" }, Home: dir}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if c.servers[0].config.TLSConfig.GetClientCertificate == nil {
				t.Error("there is no client certificate")
			}
		})
	}
}

func TestAKeyFileThatOthersCanReadIsRefused(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there are no permission bits")
	}
	client := newAuthority(t, "ca").client(t, "c")
	shared := map[bool]os.FileMode{true: 0o640, false: 0o600}[os.Getuid() == 0]
	for mode, ok := range map[os.FileMode]bool{0o600: true, 0o400: true, shared: true, 0o644: false, 0o604: false, 0o660: false} {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, []byte(client.key), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		cfg := Config{Username: "u", SSLMode: "require", SSLCert: client.cert, SSLKey: path}
		if ok {
			connector(t, cfg)
		} else {
			want{step: StepConfigure, setting: "ssl_key", reason: "others can read", hint: "chmod 600"}.check(t, fails(t, cfg))
		}
	}
}

func TestDisableReadsNoFiles(t *testing.T) {
	t.Parallel()
	cfg := Config{Username: "u", SSLMode: "disable", SSLRootCert: "/nowhere", SSLCert: "/nowhere", SSLKey: "/nowhere"}
	connector(t, cfg)
	cfg.SSLMode, cfg.UseTLS = "", true
	cfg.SSLCert, cfg.SSLKey = "", ""
	connector(t, cfg) // nor does a mode that verifies nothing read the root
}

func TestCertificatesWithoutAModeAreWarnedAbout(t *testing.T) {
	t.Parallel()
	for mode, warned := range map[libpq.TLSMode]bool{"": true, "disable": false} {
		var log bytes.Buffer
		cfg := Config{Username: "u", SSLMode: mode, SSLRootCert: "/nowhere"}
		if _, err := New(cfg, slog.New(slog.NewTextHandler(&log, nil))); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(log.String(), "not encrypted"); got != warned {
			t.Errorf("ssl_mode %q: warned %t, want %t", mode, got, warned)
		}
	}
}

func TestANameIsVerifiedAsLibpqDoes(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, "ca")
	common := func(name string) *x509.Certificate {
		return ca.issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: name}}).parse(t)
	}
	for _, test := range []struct {
		name string
		leaf *x509.Certificate
		host string
		ok   bool
	}{
		{"a name", ca.server(t, "db.example.com").parse(t), "db.example.com", true},
		{"in capitals", ca.server(t, "db.example.com").parse(t), "DB.Example.COM", true},
		{"another name", ca.server(t, "db.example.com").parse(t), "example.com", false},
		{"a wildcard", ca.server(t, "*.example.com").parse(t), "db.example.com", true},
		{"a wildcard two levels up", ca.server(t, "*.example.com").parse(t), "a.db.example.com", false},
		{"an address", ca.server(t, "192.0.2.1").parse(t), "192.0.2.1", true},
		{"another address", ca.server(t, "192.0.2.1").parse(t), "192.0.2.2", false},
		{"the common name", common("db.example.com"), "db.example.com", true},
		{"a wildcard as common name", common("*.example.com"), "db.example.com", true},
		{"an address as common name", common("192.0.2.1"), "192.0.2.1", true},
		{"another common name", common("db.example.com"), "db2.example.com", false},
		{"the common name beside others", ca.server(t, "db.example.com").parse(t), "a server", false},
	} {
		if err := verifyName(test.leaf, test.host); (err == nil) != test.ok {
			t.Errorf("%s: got %v, want ok %t", test.name, err, test.ok)
		}
	}
}

func TestAChainWithAnIntermediateIsVerified(t *testing.T) {
	t.Parallel()
	root := newAuthority(t, "root")
	made := root.issue(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "intermediate"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
	intermediate := &authority{certificate: made.parse(t), key: made.private}
	leaf := intermediate.server(t, "h").parse(t)
	pool := x509.NewCertPool()
	pool.AddCert(root.certificate)
	s := &security{mode: "verify-full", roots: pool}
	if err := s.check([]*x509.Certificate{leaf, intermediate.certificate}, "h"); err != nil {
		t.Error(err)
	}
	for name, chain := range map[string][]*x509.Certificate{"without it": {leaf}, "empty": nil} {
		if err := s.check(chain, "h"); err == nil {
			t.Errorf("a chain %s is accepted", name)
		}
	}
}
