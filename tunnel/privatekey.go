package tunnel

import (
	"errors"
	"strings"

	"golang.org/x/crypto/ssh"
)

// parsePrivateKey reads a private key in any form ssh-keygen and OpenSSL write.
// The passphrase is used only when the key is encrypted.
func parsePrivateKey(text, passphrase string) (ssh.Signer, error) {
	pemText := normalizePEM(text)
	if looks := describeKey(pemText); looks != nil {
		return nil, looks
	}
	signer, err := ssh.ParsePrivateKey([]byte(pemText))
	if err == nil {
		return signer, nil
	}
	var encrypted *ssh.PassphraseMissingError
	if !errors.As(err, &encrypted) {
		return nil, &Error{
			Step: StepConfigure, Reason: "the private key cannot be read: it is damaged or of an unknown kind",
			Hint: "give the whole text of the file, BEGIN and END lines included; `ssh-keygen -y -f FILE` tells whether it is intact",
			Err:  err,
		}
	}
	fail := &Error{
		Step: StepConfigure, Reason: "the private key is encrypted and no passphrase is given",
		Hint: "set ssh_tunnel.private_key_passphrase", Err: err,
	}
	if encrypted.PublicKey != nil {
		fail.PublicKey = keyLine(encrypted.PublicKey)
	}
	if passphrase == "" {
		return nil, fail
	}
	signer, err = ssh.ParsePrivateKeyWithPassphrase([]byte(pemText), []byte(passphrase))
	if err != nil {
		// Old PEM encryption has no check of its own: a wrong passphrase shows as garbage, so every error here is most
		// likely that.
		fail.Reason, fail.Err = "the passphrase does not open the private key", err
		fail.Hint = "check ssh_tunnel.private_key_passphrase; `ssh-keygen -y -f FILE` tells whether it is right"
		return nil, fail
	}
	return signer, nil
}

// normalizePEM puts the line breaks of a PEM text back, also where a form field turned them into spaces.
func normalizePEM(text string) string {
	all := strings.TrimSpace(strings.Join(lines(text), "\n"))
	begin, rest, ok := cutAfter(all, "-----BEGIN ", "-----")
	if !ok {
		return all
	}
	body, end, ok := strings.Cut(rest, "-----END ")
	// A body with headers ("Proc-Type: 4,ENCRYPTED") has spaces of its own.
	if !ok || strings.Contains(body, ":") {
		return all
	}
	return begin + "\n" + strings.Join(strings.Fields(body), "\n") + "\n-----END " + end + "\n"
}

// cutAfter splits s behind the first suffix that follows the prefix s starts with.
func cutAfter(s, prefix, suffix string) (head, tail string, ok bool) {
	if !strings.HasPrefix(s, prefix) {
		return "", "", false
	}
	i := strings.Index(s[len(prefix):], suffix)
	if i < 0 {
		return "", "", false
	}
	n := len(prefix) + i + len(suffix)
	return s[:n], s[n:], true
}

// describeKey tells what a text is that is not a private key we can read, or nil.
func describeKey(text string) error {
	const wantHint = "ssh_tunnel.private_key takes the text of a private key, as `target-postgres keygen` or ssh-keygen writes it"
	for _, known := range []struct{ sign, looks, hint string }{
		{"PuTTY-User-Key-File-", "a PuTTY key (.ppk)", "convert it: puttygen key.ppk -O private-openssh -o key"},
		{"-----BEGIN ENCRYPTED PRIVATE KEY-----", "an encrypted PKCS#8 key, which SSH tools do not share", "convert it: ssh-keygen -p -f FILE"},
		{"-----BEGIN CERTIFICATE-----", "an X.509 certificate", wantHint},
		{"-----BEGIN PUBLIC KEY-----", "a public key", wantHint},
		{"-----BEGIN RSA PUBLIC KEY-----", "a public key", wantHint},
		{"---- BEGIN SSH2 PUBLIC KEY", "a public key", wantHint},
	} {
		if strings.Contains(text, known.sign) {
			return configError("the private key looks like "+known.looks, known.hint)
		}
	}
	if strings.Contains(text, " PRIVATE KEY-----") {
		return nil
	}
	if key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(text)); err == nil {
		looks := "a public key"
		if _, ok := key.(*ssh.Certificate); ok {
			looks = "an SSH certificate"
		}
		return configError("the private key looks like "+looks, wantHint)
	}
	switch {
	case text == "":
		return configError("the private key is empty", wantHint)
	case !strings.Contains(text, "\n") && strings.ContainsAny(text, `/\~.`) && len(text) < 256:
		return configError("the private key looks like a path", "paths go to ssh_tunnel.private_key_file")
	}
	return configError("the private key is not in PEM form: there is no line -----BEGIN … PRIVATE KEY-----", wantHint)
}

// keyLine is a public key as authorized_keys holds it, without a comment.
func keyLine(key ssh.PublicKey) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
}
