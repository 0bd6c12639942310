package tunnel

import (
	"encoding/base64"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

func TestLineBreaksThatWereLostOnTheWayAreFound(t *testing.T) {
	t.Parallel()
	pkcs1, encryptedPKCS1, pkcs8 := opensslForms()
	texts := map[string]string{
		"OpenSSH": testKeys()["ed25519"].text, "PKCS#1": pkcs1, "PKCS#8": pkcs8,
		"encrypted PKCS#1": encryptedPKCS1,
	}
	changes := map[string]func(string) string{
		"none":                 func(s string) string { return s },
		"literal \\n":          func(s string) string { return strings.ReplaceAll(s, "\n", `\n`) },
		"literal \\r\\n":       func(s string) string { return strings.ReplaceAll(s, "\n", `\r\n`) },
		"CRLF":                 func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"CR":                   func(s string) string { return strings.ReplaceAll(s, "\n", "\r") },
		"no last line break":   func(s string) string { return strings.TrimRight(s, "\n") },
		"blank lines around":   func(s string) string { return "\n\n" + s + "\n\n" },
		"indentation":          func(s string) string { return "    " + strings.ReplaceAll(s, "\n", "\n    ") },
		"a byte order mark":    func(s string) string { return "\ufeff" + s },
		"spaces for breaks":    func(s string) string { return strings.ReplaceAll(s, "\n", " ") },
		"no breaks whatsoever": func(s string) string { return strings.ReplaceAll(s, "\n", "") },
	}
	for form, text := range texts {
		for name, change := range changes {
			if form == "encrypted PKCS#1" && strings.Contains(name, "breaks") {
				continue // its headers need their lines
			}
			t.Run(form+" with "+name, func(t *testing.T) {
				t.Parallel()
				if _, err := PublicKey([]byte(change(text)), []byte(secretPassphrase)); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestWhatIsNoPrivateKeyIsCalledWhatItIs(t *testing.T) {
	t.Parallel()
	key := testKeys()["ed25519"]
	half, _, _ := strings.Cut(key.text, "-----END")
	certificate := keyLine(certify(t, key.signer, "h").PublicKey())
	for text, want := range map[string]string{
		"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n":               "a PuTTY key (.ppk)",
		keyLine(key.signer.PublicKey()) + " me@here":                           "looks like a public key",
		"---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----": "looks like a public key",
		"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----":           "looks like a public key",
		certificate: "looks like an SSH certificate",
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----":                     "an X.509 certificate",
		"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----": "an encrypted PKCS#8 key",
		"~/.ssh/id_ed25519": "looks like a path",
		`C:\Users\me\key`:   "looks like a path",
		"":                  "is empty",
		" \n ":              "is empty",
		base64.StdEncoding.EncodeToString([]byte(key.text)): "not in PEM form",
		secretPassword: "not in PEM form",
		half:           "damaged",
		"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----\n": "damaged",
		"-----BEGIN FANCY PRIVATE KEY-----\nAAAA\n-----END FANCY PRIVATE KEY-----\n":                     "damaged or of an unknown kind",
	} {
		_, err := PublicKey([]byte(text), nil)
		failure := mustFail(t, err)
		if failure.Step != StepConfigure || !strings.Contains(failure.Reason, want) || failure.Hint == "" {
			t.Errorf("%.40q: got %v, want %q in it", text, failure, want)
		}
	}
}

func TestAPassphraseThatDoesNotOpenTheKeyIsToldFromNone(t *testing.T) {
	t.Parallel()
	_, oldForm, _ := opensslForms()
	for form, text := range map[string]string{"OpenSSH": encryptedKey(), "OpenSSL": oldForm} {
		_, err := PublicKey([]byte(text), nil)
		if failure := mustFail(t, err); !strings.Contains(failure.Reason, "no passphrase is given") {
			t.Errorf("%s without: %v", form, failure)
		}
		_, err = PublicKey([]byte(text), []byte(secretPassword))
		if failure := mustFail(t, err); !strings.Contains(failure.Reason, "does not open") {
			t.Errorf("%s with another: %v", form, failure)
		}
	}
}

func TestThePublicKeyOfEveryFormIsItsLineInAuthorizedKeys(t *testing.T) {
	t.Parallel()
	for kind, key := range testKeys() {
		got, err := PublicKey([]byte(key.text), nil)
		if err != nil {
			t.Fatal(err)
		}
		parsed, _, _, _, err := ssh.ParseAuthorizedKey([]byte(got))
		if err != nil || !sameKey(parsed, key.signer.PublicKey()) || strings.Contains(got, "\n") {
			t.Errorf("%s: got %q, %v", kind, got, err)
		}
	}
}
