package pathname_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"

	"target-postgres/internal/pathname"
)

func TestPathsAreRepeatedAndKeysAreNot(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"/etc/ssl/certs/root.crt":    true,
		"root":                       true,
		"~/.postgresql/client-2.key": true,
		`C:\Users\loader\client.key`: true,
		"/var/lib/postgresql/customers/Production/2024/keys/client":     true,
		"/srv/0a1b2c3d4e5f60718293a4b5c6d7e8f901234567/client.crt":      true,
		"/tmp/TestEveryWayToAuthenticateReachesTheDatabase1234/001/key": true,
		"":                                    false,
		"-----BEGIN PRIVATE KEY-----":         false,
		"two\nlines":                          false,
		strings.Repeat("/long", 300):          false,
		"MHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5": false,
	} {
		if got := pathname.Printable(text); got != want {
			t.Errorf("%q: got %t", text, got)
		}
	}
}

func TestNoKeyWithoutItsLinesIsAPath(t *testing.T) {
	t.Parallel()
	for range 50 {
		_, short, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(short)
		if err != nil {
			t.Fatal(err)
		}
		if text := base64.StdEncoding.EncodeToString(der); pathname.Printable(text) {
			t.Errorf("a key of %d characters is taken for a path", len(text))
		}
	}
	long := make([]byte, 700)
	for range 50 {
		_, _ = rand.Read(long) // never fails
		if pathname.Printable("MII" + base64.StdEncoding.EncodeToString(long)) {
			t.Error("a long key is taken for a path")
		}
	}
}
