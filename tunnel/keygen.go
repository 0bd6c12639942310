package tunnel

import (
	"crypto/ed25519"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/crypto/ssh"
)

// GenerateKey makes an Ed25519 key pair: the private key in OpenSSH's PEM form, unencrypted, and the public key as a
// line for ~/.ssh/authorized_keys. The comment, often user@host, ends that line; it may be empty. The error is about a
// comment with control characters, such as a line break.
func GenerateKey(comment string) (private, public []byte, err error) {
	// A line break would smuggle a second line into authorized_keys.
	if strings.ContainsFunc(comment, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return nil, nil, errors.New("generate key: the comment holds a control character")
	}
	publicKey, privateKey, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, nil, fmt.Errorf("generate key: %w", err)
	}
	block, err := ssh.MarshalPrivateKey(privateKey, comment)
	if err != nil {
		return nil, nil, fmt.Errorf("generate key: %w", err)
	}
	sshKey, err := ssh.NewPublicKey(publicKey)
	if err != nil {
		return nil, nil, fmt.Errorf("generate key: %w", err)
	}
	line := strings.TrimSpace(keyLine(sshKey)+" "+comment) + "\n"
	return pem.EncodeToMemory(block), []byte(line), nil
}

// WriteKeyPair generates a key pair and writes the private key to path, readable by its owner only, and the public key
// to path.pub. It returns the public key's line for authorized_keys. When either file exists the error matches
// fs.ErrExist and nothing is changed; a failure leaves no file behind.
func WriteKeyPair(path, comment string) (public string, err error) {
	private, line, err := GenerateKey(comment)
	if err != nil {
		return "", err
	}
	if err := writeNew(path, private, 0o600); err != nil {
		return "", fmt.Errorf("write private key: %w", err)
	}
	if err := writeNew(path+".pub", line, 0o644); err != nil {
		return "", errors.Join(fmt.Errorf("write public key: %w", err), os.Remove(path))
	}
	return strings.TrimSpace(string(line)), nil
}

// writeNew writes a file that must not exist yet, whole or not at all.
func writeNew(path string, data []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// PublicKey returns the authorized_keys line of a private key, without a comment.
// An encrypted key needs its passphrase. Every error is an *Error.
func PublicKey(private, passphrase []byte) (string, error) {
	signer, err := parsePrivateKey(string(private), string(passphrase))
	if err != nil {
		return "", err
	}
	return keyLine(signer.PublicKey()), nil
}
