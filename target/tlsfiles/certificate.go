package tlsfiles

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
	"target-postgres/target/libpq"
)

// Roots makes the pool of the authorities to trust; nil is the system's.
func Roots(p libpq.Params, env libpq.Environment) (*x509.CertPool, *libpq.Error) {
	given := p["sslrootcert"]
	if given.Value == "" || given.Value == SystemRoots {
		return nil, nil
	}
	text, _, err := readPEM(given, env)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, libpq.NewError(given.Source, "holds no certificate", pemHint)
	}
	return pool, nil
}

const pemHint = `it takes a path, or PEM text from -----BEGIN to the end with its line breaks or \n in their place`

// Certificate reads the client's certificate and its key; nil is none.
func Certificate(p libpq.Params, env libpq.Environment) (*tls.Certificate, *libpq.Error) {
	cert, hasCert := p["sslcert"]
	key, hasKey := p["sslkey"]
	switch {
	case !hasCert && !hasKey:
		return nil, nil
	case !hasKey:
		return nil, libpq.NewError(cert.Source, "is given without ssl_key", "a client certificate needs its private key")
	case !hasCert:
		return nil, libpq.NewError(key.Source, "is given without ssl_cert", "a private key needs its certificate")
	}
	certText, _, err := readPEM(cert, env)
	if err != nil {
		return nil, err
	}
	if !hasBlock(certText, "CERTIFICATE") {
		return nil, libpq.NewError(cert.Source, "holds no certificate", pemHint)
	}
	keyText, path, err := readPEM(key, env)
	if err != nil {
		return nil, err
	}
	if path != "" {
		if err := checkKeyFile(key.Source, path); err != nil {
			return nil, err
		}
	}
	if keyText, err = decryptKey(keyText, key.Source, p.Get("sslpassword")); err != nil {
		return nil, err
	}
	pair, pairErr := tls.X509KeyPair(certText, keyText)
	if pairErr != nil {
		return nil, libpq.NewError(key.Source, "cannot be used with ssl_cert: "+strings.TrimPrefix(pairErr.Error(), "tls: "),
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

// readPEM returns PEM text that a parameter holds or whose path it is; path is "" for text. A path is repeated in
// errors only where it can be nothing else: a key that lost its first line looks like a path to an operating system.
func readPEM(given libpq.Param, env libpq.Environment) (text []byte, path string, failed *libpq.Error) {
	if strings.Contains(given.Value, "-----BEGIN") {
		unescape := strings.NewReplacer(`\r\n`, "\n", `\n`, "\n", "\r\n", "\n", "\r", "\n")
		return []byte(unescape.Replace(given.Value)), "", nil
	}
	path = given.Value
	if rest, ok := strings.CutPrefix(path, "~/"); ok && env.Home != "" {
		path = filepath.Join(env.Home, rest)
	}
	if strings.ContainsAny(path, "\r\n") || strings.Contains(path, `\n`) && !libpq.Exists(path) || len(path) > 1024 {
		return nil, "", libpq.NewError(given.Source, "is neither a path nor PEM text", pemHint)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, "", &libpq.Error{
			Setting: given.Source, Err: libpq.WithoutPath(err),
			Reason: "names a file" + shown(path) + " that cannot be read: " + libpq.WithoutPath(err).Error(),
			Hint:   pemHint,
		}
	}
	if !bytes.Contains(text, []byte("-----BEGIN")) {
		return nil, "", libpq.NewError(given.Source, "names a file"+shown(path)+" that is not PEM", "convert it with openssl: -inform DER -outform PEM")
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
func decryptKey(text []byte, setting, passphrase string) ([]byte, *libpq.Error) {
	block := FirstKey(text)
	if block == nil {
		return nil, libpq.NewError(setting, "holds no private key", pemHint)
	}
	legacy := x509.IsEncryptedPEMBlock(block) //nolint:staticcheck // old keys are what it is for
	switch {
	case block.Type == "OPENSSH PRIVATE KEY":
		return nil, libpq.NewError(setting, "is an SSH key", "TLS needs the key that ssl_cert was made with")
	case block.Type != "ENCRYPTED PRIVATE KEY" && !legacy:
		return pem.EncodeToMemory(block), nil
	case passphrase == "":
		return nil, libpq.NewError(setting, "is encrypted", "set ssl_key_passphrase")
	}
	var der []byte
	var err error
	if legacy {
		der, err = x509.DecryptPEMBlock(block, []byte(passphrase)) //nolint:staticcheck // see above
		block = &pem.Block{Type: block.Type, Bytes: der}
	} else {
		der, err = DecryptPKCS8(block.Bytes, passphrase)
		block = &pem.Block{Type: "PRIVATE KEY", Bytes: der}
	}
	if err != nil {
		return nil, &libpq.Error{
			Setting: "ssl_key_passphrase", Err: err,
			Reason: fmt.Sprintf("does not open the private key: %v", err),
			Hint:   "check the passphrase; openssl pkcs8 -topk8 -v2 aes256 writes a key in a form that can be read",
		}
	}
	return pem.EncodeToMemory(block), nil
}

// FirstKey is the first private key of a PEM text, nil if there is none.
func FirstKey(text []byte) *pem.Block {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			return block
		}
	}
	return nil
}

// SystemRoots is libpq's name for the system's authorities.
const SystemRoots = "system"
