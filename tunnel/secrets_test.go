package tunnel

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
)

// testKey is a private key and its text.
type testKey struct {
	signer ssh.Signer
	raw    crypto.PrivateKey
	text   string
}

// testKeys are made once a run: RSA takes its time.
var testKeys = sync.OnceValue(func() map[string]testKey {
	_, ed, err1 := ed25519.GenerateKey(nil)
	ec, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	rs, err3 := rsa.GenerateKey(rand.Reader, 2048)
	if err := errors.Join(err1, err2, err3); err != nil {
		panic(err)
	}
	return map[string]testKey{"ed25519": newTestKey(ed), "ecdsa": newTestKey(ec), "rsa": newTestKey(rs)}
})

func newTestKey(raw crypto.PrivateKey) testKey {
	signer, err1 := ssh.NewSignerFromKey(raw)
	block, err2 := ssh.MarshalPrivateKey(raw, "")
	if err := errors.Join(err1, err2); err != nil {
		panic(err)
	}
	return testKey{signer, raw, string(pem.EncodeToMemory(block))}
}

// encryptedKey is the text of the Ed25519 key that secretPassphrase opens. There is but one because the encryption
// takes seconds under the race detector.
var encryptedKey = sync.OnceValue(func() string {
	block, err := ssh.MarshalPrivateKeyWithPassphrase(testKeys()["ed25519"].raw, "", []byte(secretPassphrase))
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(block))
})

// strangeKey is a key no bastion of the tests knows.
var strangeKey = sync.OnceValue(func() testKey {
	_, raw, err := ed25519.GenerateKey(nil)
	if err != nil {
		panic(err)
	}
	return newTestKey(raw)
})

// opensslForms are the RSA key as OpenSSL writes it: PKCS#1, encrypted, PKCS#8.
func opensslForms() (pkcs1, encrypted, pkcs8 string) {
	key := testKeys()["rsa"].raw.(*rsa.PrivateKey)
	der := x509.MarshalPKCS1PrivateKey(key)
	//nolint:staticcheck // people still have such files
	block, err1 := x509.EncryptPEMBlock(rand.Reader, "RSA PRIVATE KEY", der, []byte(secretPassphrase), x509.PEMCipherAES128)
	der8, err2 := x509.MarshalPKCS8PrivateKey(key)
	if err := errors.Join(err1, err2); err != nil {
		panic(err)
	}
	text := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return text("RSA PRIVATE KEY", der), string(pem.EncodeToMemory(block)), text("PRIVATE KEY", der8)
}

// secrets is every text that must appear nowhere: passwords, and of every private key each line that is private.
func secrets() []string {
	all := []string{secretPassword, secretPassphrase}
	texts := []string{strangeKey().text, encryptedKey()}
	for _, key := range testKeys() {
		texts = append(texts, key.text)
	}
	for _, text := range texts {
		body := strings.Split(strings.TrimSpace(text), "\n")
		// OpenSSH's form begins with a header and the public key.
		all = append(all, body[len(body)/2:len(body)-1]...)
	}
	return all
}

func findSecret(text string) (secret string, found bool) {
	for _, secret := range secrets() {
		if len(secret) > 8 && strings.Contains(text, secret) {
			return secret, true
		}
	}
	return "", false
}

// watchedLog is a logger of everything whose text is searched for secrets when the test ends.
func watchedLog(t testing.TB) *slog.Logger {
	log, _ := recordedLog(t)
	return log
}

func recordedLog(t testing.TB) (*slog.Logger, func() string) {
	var mu sync.Mutex
	var text bytes.Buffer
	read := func() string {
		mu.Lock()
		defer mu.Unlock()
		return text.String()
	}
	t.Cleanup(func() {
		if secret, found := findSecret(read()); found {
			t.Errorf("the log holds the secret %q:\n%s", secret, read())
		}
	})
	out := writerFunc(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return text.Write(p)
	})
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug})), read
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// mustFail returns an error as the *Error it must be, after searching all that can be printed of it and its causes for
// secrets.
func mustFail(t testing.TB, err error) *Error {
	t.Helper()
	var failure *Error
	if !errors.As(err, &failure) {
		t.Fatalf("got %T %v, want a *tunnel.Error", err, err)
	}
	for cause := error(failure); cause != nil; cause = errors.Unwrap(cause) {
		encoded, _ := json.Marshal(cause)
		printed := fmt.Sprintf("%v\n%+v\n%#v\n%s", cause, cause, cause, encoded)
		if secret, found := findSecret(printed); found {
			t.Errorf("the error holds the secret %q: %s", secret, printed)
		}
	}
	return failure
}

func TestSecretsAreFoundWhereTheyAre(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"password=" + secretPassword, "x" + secretPassphrase + "y",
		testKeys()["rsa"].text, encryptedKey(), strangeKey().text,
	} {
		if _, found := findSecret(text); !found {
			t.Errorf("the search would miss a secret in %q", text)
		}
	}
	if secret, found := findSecret(keyLine(testKeys()["ed25519"].signer.PublicKey())); found {
		t.Errorf("a public key counts as the secret %q", secret)
	}
}

func TestConfigPrintsWithoutItsSecrets(t *testing.T) {
	t.Parallel()
	cfg := Config{
		Host: "bastion.example", Port: 2222, Username: user, Password: secretPassword,
		PrivateKey: testKeys()["ed25519"].text, PrivateKeyPassphrase: secretPassphrase,
	}
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("opening", "config", cfg)
	for _, text := range []string{
		cfg.String(), fmt.Sprintf("%+v", cfg), fmt.Sprintf("%#v", cfg), fmt.Sprintf("%+v", struct{ C Config }{cfg}),
		cfg.String(), logged.String(),
	} {
		if secret, found := findSecret(text); found {
			t.Errorf("%q holds the secret %q", text, secret)
		}
		if !strings.Contains(text, "loader@bastion.example:2222") {
			t.Errorf("%q does not name user and bastion", text)
		}
	}
}
