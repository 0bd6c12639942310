package dialect

import (
	"os"
	"path/filepath"
	"strings"
)

// These are the files of certificates that meltanolabs' target reads by default. Meltano hands the paths over also if
// the files do not exist.
const (
	defaultAuthority   = "~/.postgresql/root.crl"
	defaultClientCert  = "~/.postgresql/postgresql.crt"
	defaultClientKey   = "~/.postgresql/postgresql.key"
	verifyFull         = "verify-full"
	requireTLS         = "require"
	authoritySetting   = "ssl_certificate_authority"
	clientCertSetting  = "ssl_client_certificate"
	clientKeySetting   = "ssl_client_private_key"
	clientCertsEnabled = "ssl_client_certificate_enable"
)

// enableTLS is ssl_enable of meltanolabs' target, which says whether its other TLS settings count.
func enableTLS(t *translation, value any) error {
	if !isOff(value) {
		t.unless("ssl_mode", verifyFull)
		if t.given[authoritySetting] == defaultAuthority && !exists(defaultAuthority) {
			t.remove(authoritySetting)
		}
		return nil
	}
	t.remove("ssl_mode", authoritySetting)
	t.unless("use_tls", true)
	return nil
}

// enableClientCertificate is ssl_client_certificate_enable of meltanolabs' target.
func enableClientCertificate(t *translation, value any) error {
	if isOff(value) {
		t.remove(clientCertSetting, clientKeySetting)
		return nil
	}
	t.unless(clientCertSetting, defaultClientCert)
	t.unless(clientKeySetting, defaultClientKey)
	return nil
}

// wholeURL is sqlalchemy_url of meltanolabs' target, beside which nothing else about the connection counts.
func wholeURL(t *translation, _ any) error {
	t.remove("host", "port", "user", "username", "password", "database", "ssl_enable", "ssl_mode", authoritySetting,
		clientCertsEnabled, clientCertSetting, clientKeySetting)
	return nil
}

// requireEncryption is ssl of pipelinewise's target and its kin. They took the text "true" alone, and a JSON true left
// the connection unencrypted; here both mean at least require.
func requireEncryption(t *translation, value any) error {
	t.remove("ssl") // which means more than that to Airbyte
	if isOff(value) {
		t.unless("use_tls", true)
		return nil
	}
	t.unless("ssl_mode", requireTLS)
	return nil
}

func exists(path string) bool {
	if home, err := os.UserHomeDir(); err == nil && strings.HasPrefix(path, "~/") {
		path = filepath.Join(home, path[2:])
	}
	_, err := os.Stat(path)
	return err == nil
}
