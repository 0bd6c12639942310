package dialect

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"target-postgres/target/failure"
)

// TranslateAirbyte turns the settings of Airbyte's destination-postgres into ours, in place, and says which of them
// have no effect. The error is a *failure.ConfigError about a setting that is only Airbyte's; faults of others show
// when ours are validated.
func TranslateAirbyte(given map[string]any) (warnings []string, err error) {
	warnings = append(warnings, translateTLS(given)...)
	if err := translateTunnel(given); err != nil {
		return warnings, err
	}
	if mode, said := given["cdc_deletion_mode"]; said {
		if mode != "Hard delete" && mode != "Soft delete" {
			return warnings, &failure.ConfigError{
				Setting: "cdc_deletion_mode", Reason: "is neither of its two values", Hint: `set it to "Hard delete" or "Soft delete"`,
			}
		}
		given["hard_delete"] = mode == "Hard delete"
		delete(given, "cdc_deletion_mode")
	}
	more, err := translateJDBC(given)
	warnings = append(warnings, more...)
	if text, _ := given["raw_data_schema"].(string); text != "" {
		warnings = append(warnings, "raw_data_schema is ignored: there are no raw tables, and rows of a refresh are collected in a table beside the stream's own")
	}
	if given["drop_cascade"] == true {
		warnings = append(warnings, "drop_cascade is ignored: tables and columns are never dropped, views stay as they are")
	}
	if given["disable_type_dedupe"] == true {
		warnings = append(warnings, "disable_type_dedupe: streams in append_dedup are appended, not deduplicated; their columns are typed all the same")
	}
	for _, name := range []string{"raw_data_schema", "drop_cascade", "unconstrained_number"} {
		delete(given, name)
	}
	return warnings, err
}

// translateTLS reads ssl and ssl_mode, which Airbyte has as an object and which counts only when ssl is true.
func translateTLS(given map[string]any) (warnings []string) {
	object, isObject := given["ssl_mode"].(map[string]any)
	encrypt, said := given["ssl"].(bool)
	delete(given, "ssl")
	switch {
	case said && !encrypt:
		if mode := given["ssl_mode"]; mode != nil && mode != "disable" && object["mode"] != "disable" {
			warnings = append(warnings, "ssl_mode is ignored because ssl is false: the connection is not encrypted")
		}
		given["ssl_mode"] = "disable"
	case isObject && !said:
		if object["mode"] != "disable" {
			warnings = append(warnings, "ssl_mode is ignored because ssl is not true: set ssl to encrypt the connection")
		}
		delete(given, "ssl_mode")
	case isObject:
		given["ssl_mode"] = object["mode"]
		for theirs, ours := range map[string]string{ //nolint:gosec // names of settings, not secrets
			"ca_certificate": "ssl_root_cert", "client_certificate": "ssl_cert",
			"client_key": "ssl_key", "client_key_password": "ssl_key_passphrase",
		} {
			if value, _ := object[theirs].(string); value != "" {
				given[ours] = value
			}
		}
	case encrypt && given["ssl_mode"] == nil:
		given["ssl_mode"] = "require"
	}
	return warnings
}

// translateTunnel reads tunnel_method.
func translateTunnel(given map[string]any) error {
	value, present := given["tunnel_method"]
	if !present {
		return nil
	}
	delete(given, "tunnel_method")
	object, _ := value.(map[string]any)
	tunnel := map[string]any{"enabled": true}
	needed := map[string]string{"tunnel_host": "host", "tunnel_port": "port", "tunnel_user": "username"}
	optional := map[string]string{"host_key": "host_key"}
	switch object["tunnel_method"] {
	case "NO_TUNNEL":
		return nil
	case "SSH_KEY_AUTH":
		needed["ssh_key"], optional["ssh_key_passphrase"] = "private_key", "private_key_passphrase"
	case "SSH_PASSWORD_AUTH":
		needed["tunnel_user_password"] = "password"
	default:
		return &failure.ConfigError{
			Setting: "tunnel_method.tunnel_method", Reason: "is not a way through a bastion",
			Hint: "set it to NO_TUNNEL, SSH_KEY_AUTH or SSH_PASSWORD_AUTH",
		}
	}
	for _, theirs := range slices.Sorted(maps.Keys(needed)) {
		if object[theirs] == nil || object[theirs] == "" {
			return &failure.ConfigError{
				Setting: "tunnel_method." + theirs, Reason: "is missing",
				Hint: "fill it in, or set tunnel_method.tunnel_method to NO_TUNNEL",
			}
		}
		tunnel[needed[theirs]] = object[theirs]
	}
	for theirs, ours := range optional {
		if object[theirs] != nil {
			tunnel[ours] = object[theirs]
		}
	}
	given["ssh_tunnel"] = tunnel
	return nil
}

// translateJDBC reads the parameters of the JDBC URL that have a setting here.
func translateJDBC(given map[string]any) (warnings []string, err error) {
	text, _ := given["jdbc_url_params"].(string)
	delete(given, "jdbc_url_params")
	for pair := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		if decoded, err := url.QueryUnescape(value); err == nil {
			value = decoded
		}
		setting := map[string]string{
			"connectTimeout": "connect_timeout", "loginTimeout": "connect_timeout", "ApplicationName": "application_name",
		}[name]
		instead := map[string]string{"currentSchema": "schema", "user": "username", "password": "password", "ssl": "ssl", "sslmode": "ssl_mode"}[name]
		switch {
		case name == "":
		case instead != "":
			return warnings, &failure.ConfigError{
				Setting: "jdbc_url_params", Reason: "may not set " + name, Hint: "use the setting " + instead + " instead",
			}
		case setting != "" && given[setting] == nil && value != "" && value != "0":
			given[setting] = value
		case setting == "":
			warnings = append(warnings, fmt.Sprintf("jdbc_url_params: %s is ignored, there is no JDBC here", name))
		}
	}
	return warnings, nil
}
