package connect

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"target-postgres/internal/pathname"
)

// readRoots makes the pool of the authorities to trust; nil is the system's.
func readRoots(p params, env environment) (*x509.CertPool, *Error) {
	given := p["sslrootcert"]
	if given.value == "" || given.value == systemRoots {
		return nil, nil
	}
	text, _, err := readPEM(given, env)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, configError(given.source, "holds no certificate", pemHint)
	}
	return pool, nil
}

const pemHint = `it takes a path, or PEM text from -----BEGIN to the end with its line breaks or \n in their place`

// readCertificate reads the client's certificate and its key; nil is none.
func readCertificate(p params, env environment) (*tls.Certificate, *Error) {
	cert, hasCert := p["sslcert"]
	key, hasKey := p["sslkey"]
	switch {
	case !hasCert && !hasKey:
		return nil, nil
	case !hasKey:
		return nil, configError(cert.source, "is given without ssl_key", "a client certificate needs its private key")
	case !hasCert:
		return nil, configError(key.source, "is given without ssl_cert", "a private key needs its certificate")
	}
	certText, _, err := readPEM(cert, env)
	if err != nil {
		return nil, err
	}
	if !hasBlock(certText, "CERTIFICATE") {
		return nil, configError(cert.source, "holds no certificate", pemHint)
	}
	keyText, path, err := readPEM(key, env)
	if err != nil {
		return nil, err
	}
	if path != "" {
		if err := checkKeyFile(key.source, path); err != nil {
			return nil, err
		}
	}
	if keyText, err = decryptKey(keyText, key.source, p.get("sslpassword")); err != nil {
		return nil, err
	}
	pair, pairErr := tls.X509KeyPair(certText, keyText)
	if pairErr != nil {
		return nil, configError(key.source, "cannot be used with ssl_cert: "+strings.TrimPrefix(pairErr.Error(), "tls: "),
			"check that they belong together, and that the client's certificate comes first in ssl_cert")
	}
	return &pair, nil
}

func hasBlock(text []byte, kind string) bool {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == kind {
			return true
		}
	}
	return false
}

// readPEM returns PEM text that a parameter holds or whose path it is; path is ""
// for text. A path is repeated in errors only where it can be nothing else: a
// key that lost its first line looks like a path to an operating system.
func readPEM(given param, env environment) (text []byte, path string, failed *Error) {
	if strings.Contains(given.value, "-----BEGIN") {
		unescape := strings.NewReplacer(`\r\n`, "\n", `\n`, "\n", "\r\n", "\n", "\r", "\n")
		return []byte(unescape.Replace(given.value)), "", nil
	}
	path = given.value
	if rest, ok := strings.CutPrefix(path, "~/"); ok && env.home != "" {
		path = filepath.Join(env.home, rest)
	}
	if strings.ContainsAny(path, "\r\n") || strings.Contains(path, `\n`) && !exists(path) || len(path) > 1024 {
		return nil, "", configError(given.source, "is neither a path nor PEM text", pemHint)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, "", &Error{
			Step: StepConfigure, Setting: given.source, Err: plainCause(err),
			Reason: "names a file" + shown(path) + " that cannot be read: " + plainCause(err).Error(),
			Hint:   pemHint,
		}
	}
	if !bytes.Contains(text, []byte("-----BEGIN")) {
		return nil, "", configError(given.source, "names a file"+shown(path)+" that is not PEM", "convert it with openssl: -inform DER -outform PEM")
	}
	return text, path, nil
}

// shown is a path for a message, after a space; "" for what may be a part of a key.
func shown(path string) string {
	if !pathname.Printable(path) {
		return ""
	}
	return " " + strconv.Quote(path)
}

// decryptKey returns PEM text whose first private key is not encrypted.
func decryptKey(text []byte, setting, passphrase string) ([]byte, *Error) {
	block := firstKey(text)
	if block == nil {
		return nil, configError(setting, "holds no private key", pemHint)
	}
	legacy := x509.IsEncryptedPEMBlock(block) //nolint:staticcheck // old keys are what it is for
	switch {
	case block.Type == "OPENSSH PRIVATE KEY":
		return nil, configError(setting, "is an SSH key", "TLS needs the key that ssl_cert was made with")
	case block.Type != "ENCRYPTED PRIVATE KEY" && !legacy:
		return pem.EncodeToMemory(block), nil
	case passphrase == "":
		return nil, configError(setting, "is encrypted", "set ssl_key_passphrase")
	}
	var der []byte
	var err error
	if legacy {
		der, err = x509.DecryptPEMBlock(block, []byte(passphrase)) //nolint:staticcheck // see above
		block = &pem.Block{Type: block.Type, Bytes: der}
	} else {
		der, err = decryptPKCS8(block.Bytes, passphrase)
		block = &pem.Block{Type: "PRIVATE KEY", Bytes: der}
	}
	if err != nil {
		return nil, &Error{
			Step: StepConfigure, Setting: "ssl_key_passphrase", Err: err,
			Reason: fmt.Sprintf("does not open the private key: %v", err),
			Hint:   "check the passphrase; openssl pkcs8 -topk8 -v2 aes256 writes a key in a form that can be read",
		}
	}
	return pem.EncodeToMemory(block), nil
}

func firstKey(text []byte) *pem.Block {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			return block
		}
	}
	return nil
}
