package dialect

import (
	"regexp"
	"slices"
	"strings"
)

// airbyteNames are the names in Airbyte's form of settings that have another name in ours.
var airbyteNames = map[string]string{ //nolint:gosec // names of settings, not secrets
	"ssl_root_cert": "ssl_mode.ca_certificate", "ssl_cert": "ssl_mode.client_certificate",
	"ssl_key": "ssl_mode.client_key", "ssl_key_passphrase": "ssl_mode.client_key_password",
	"use_tls": "ssl", "hard_delete": "cdc_deletion_mode",
	"ssh_tunnel": "tunnel_method", "ssh_tunnel.enabled": "tunnel_method.tunnel_method",
	"ssh_tunnel.host": "tunnel_method.tunnel_host", "ssh_tunnel.port": "tunnel_method.tunnel_port",
	"ssh_tunnel.username": "tunnel_method.tunnel_user", "ssh_tunnel.password": "tunnel_method.tunnel_user_password",
	"ssh_tunnel.private_key": "tunnel_method.ssh_key", "ssh_tunnel.private_key_file": "tunnel_method.ssh_key",
	"ssh_tunnel.private_key_passphrase": "tunnel_method.ssh_key_passphrase",
	"ssh_tunnel.host_key":               "tunnel_method.host_key", "ssh_tunnel.known_hosts": "tunnel_method.host_key",
}

// settingName finds our names in a sentence. A name within a longer word is none.
var settingName = regexp.MustCompile(`\b(?:ssh_tunnel(?:\.[a-z_]+)?|ssl_root_cert|ssl_cert|ssl_key(?:_passphrase)?|use_tls|hard_delete)\b`)

// AirbyteWords returns a function that puts the names of Airbyte's form in the place of ours in a message. Those that
// the configuration itself uses stay. Call it before the configuration is read, which changes what is given.
func AirbyteWords(given map[string]any) func(message string) string {
	var own []string
	for name := range given {
		own = append(own, strings.Split(name, ".")[0])
	}
	return func(message string) string {
		return settingName.ReplaceAllStringFunc(message, func(name string) string {
			theirs, known := airbyteNames[name]
			if top, _, _ := strings.Cut(name, "."); !known || slices.Contains(own, top) {
				return name
			}
			return theirs
		})
	}
}
