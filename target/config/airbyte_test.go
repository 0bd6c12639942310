package config

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"target-postgres/target/failure"
	"target-postgres/target/libpq"
	"target-postgres/target/settings"
)

func readSpec(t *testing.T) *settings.Spec {
	t.Helper()
	data, err := os.ReadFile("../../spec.json")
	if err != nil {
		t.Fatal(err)
	}
	spec, err := settings.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// airbyteSpec compiles what the spec command prints.
func airbyteSpec(t *testing.T) (*jsonschema.Schema, map[string]any) {
	t.Helper()
	text, err := readSpec(t).ConnectionSpecification()
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.CompileString("spec.json", string(text))
	if err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	return schema, document
}

func parse(t *testing.T, text string) map[string]any {
	t.Helper()
	var given map[string]any
	if err := settings.Decode([]byte(text), &given); err != nil {
		t.Fatal(err)
	}
	return given
}

const required = `"host":"db","port":5432,"database":"d","schema":"s","username":"u"`

// destinationPostgresConfigs are configurations of every kind that Airbyte's own destination accepts.
var destinationPostgresConfigs = map[string]string{
	"the least":                `{` + required + `}`,
	"ports at the bounds":      `{"host":"db","port":65536,"database":"d","schema":"s","username":"u"}`,
	"port zero":                `{"host":"db","port":0,"database":"d","schema":"s","username":"u"}`,
	"password and no ssl":      `{` + required + `,"password":"p","ssl":false}`,
	"ssl disabled":             `{` + required + `,"ssl":true,"ssl_mode":{"mode":"disable"}}`,
	"ssl allowed":              `{` + required + `,"ssl":true,"ssl_mode":{"mode":"allow"}}`,
	"ssl preferred":            `{` + required + `,"ssl":true,"ssl_mode":{"mode":"prefer"}}`,
	"ssl required":             `{` + required + `,"ssl":true,"ssl_mode":{"mode":"require"}}`,
	"ssl verified by ca":       `{` + required + `,"ssl":true,"ssl_mode":{"mode":"verify-ca","ca_certificate":"CA","client_key_password":"kp"}}`,
	"ssl verified in full":     `{` + required + `,"ssl":true,"ssl_mode":{"mode":"verify-full","ca_certificate":"CA","client_certificate":"CC","client_key":"CK","client_key_password":"kp"}}`,
	"no tunnel":                `{` + required + `,"tunnel_method":{"tunnel_method":"NO_TUNNEL"}}`,
	"tunnel with a key":        `{` + required + `,"tunnel_method":{"tunnel_method":"SSH_KEY_AUTH","tunnel_host":"b","tunnel_port":22,"tunnel_user":"tu","ssh_key":"K"}}`,
	"tunnel with a password":   `{` + required + `,"tunnel_method":{"tunnel_method":"SSH_PASSWORD_AUTH","tunnel_host":"b","tunnel_port":2222,"tunnel_user":"tu","tunnel_user_password":"tp"}}`,
	"hard deletes":             `{` + required + `,"cdc_deletion_mode":"Hard delete"}`,
	"soft deletes":             `{` + required + `,"cdc_deletion_mode":"Soft delete"}`,
	"everything else":          `{` + required + `,"jdbc_url_params":"connectTimeout=10&prepareThreshold=0","raw_data_schema":"airbyte_internal","disable_type_dedupe":true,"drop_cascade":true,"unconstrained_number":true}`,
	"keys that nobody knows":   `{` + required + `,"destinationType":"postgres","something":{"else":1}}`,
	"our settings beside them": `{` + required + `,"streams":"{\"users\": {\"load_mode\": \"history\"}}","batch_max_rows":10,"migration_policy":{"new_fields":"skip"}}`,
}

func TestAirbytesConfigurationsAreValidAndAccepted(t *testing.T) {
	t.Parallel()
	schema, _ := airbyteSpec(t)
	for name, text := range destinationPostgresConfigs {
		if err := schema.Validate(parse(t, text)); err != nil {
			t.Errorf("%s: the spec refuses it: %#v", name, err)
		}
		if strings.HasPrefix(name, "port") {
			continue // accepted by the form; nobody listens there
		}
		if _, _, err := ForAirbyte(readSpec(t), parse(t, text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAirbytesConfigurationsMeanWhatTheySay(t *testing.T) {
	t.Parallel()
	read := func(name string) *Config {
		cfg, _, err := ForAirbyte(readSpec(t), parse(t, destinationPostgresConfigs[name]))
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	for name, mode := range map[string]libpq.TLSMode{
		"the least": "", "password and no ssl": "disable", "ssl disabled": "disable", "ssl allowed": "allow",
		"ssl preferred": "prefer", "ssl required": "require", "ssl verified by ca": "verify-ca", "ssl verified in full": "verify-full",
	} {
		if got := read(name).SSLMode; got != mode {
			t.Errorf("%s: the TLS mode is %q, want %q", name, got, mode)
		}
	}
	full := read("ssl verified in full")
	if got := []string{full.SSLRootCert, full.SSLCert, full.SSLKey, full.SSLKeyPassphrase}; !cmp.Equal(got, []string{"CA", "CC", "CK", "kp"}) {
		t.Errorf("the certificates are %q", got)
	}
	if tunnel := read("no tunnel").SSHTunnel; tunnel.Enabled {
		t.Error("NO_TUNNEL enables the tunnel")
	}
	wantKey := SSHTunnel{Enabled: true, Host: "b", Port: 22, Username: "tu", PrivateKey: "K"}
	if diff := cmp.Diff(wantKey, read("tunnel with a key").SSHTunnel); diff != "" {
		t.Errorf("SSH_KEY_AUTH (-want +got):\n%s", diff)
	}
	wantPassword := SSHTunnel{Enabled: true, Host: "b", Port: 2222, Username: "tu", Password: "tp"}
	if diff := cmp.Diff(wantPassword, read("tunnel with a password").SSHTunnel); diff != "" {
		t.Errorf("SSH_PASSWORD_AUTH (-want +got):\n%s", diff)
	}
	for name, hard := range map[string]bool{"the least": true, "hard deletes": true, "soft deletes": false} {
		if read(name).HardDelete != hard {
			t.Errorf("%s: hard_delete is not %t", name, hard)
		}
	}
	if rest := read("everything else"); rest.ConnectTimeout != 10 || !rest.DisableTypeDedupe || !*rest.AirbyteCompatibleNames {
		t.Errorf("connect_timeout %d, disable_type_dedupe %t", rest.ConnectTimeout, rest.DisableTypeDedupe)
	}
	if ours := read("our settings beside them"); ours.Streams["users"].LoadMode.String() != "history" || ours.BatchMaxRows != 10 {
		t.Errorf("streams are %v", ours.Streams)
	}
}

func TestSettingsWithoutMeaningAreToldAsWarnings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`"raw_data_schema":"x"`: "raw_data_schema is ignored", `"drop_cascade":true`: "drop_cascade is ignored",
		`"disable_type_dedupe":true`: "appended, not deduplicated", `"jdbc_url_params":"a=b"`: "jdbc_url_params: a is ignored",
		`"something":1`: `"something" is unknown`, `"ssl_mode":{"mode":"require"}`: "ssl is not true",
		`"ssl":false,"ssl_mode":{"mode":"require"}`: "ssl is false",
	} {
		_, warnings, err := ForAirbyte(readSpec(t), parse(t, `{`+required+`,`+text+`}`))
		if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], want) {
			t.Errorf("%s: warnings %q, error %v; want %q", text, warnings, err, want)
		}
	}
	_, warnings, err := ForAirbyte(readSpec(t), parse(t, `{`+required+`,"drop_cascade":false,"raw_data_schema":"","unconstrained_number":true}`))
	if err != nil || len(warnings) > 0 {
		t.Errorf("settings at rest: warnings %q, error %v", warnings, err)
	}
}

func TestWrongAirbyteSettingsAreNamed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`"tunnel_method":{"tunnel_method":"TELNET"}`:                                                                 "tunnel_method.tunnel_method",
		`"tunnel_method":{"tunnel_method":"SSH_KEY_AUTH","tunnel_host":"b","tunnel_port":22,"tunnel_user":"tu"}`:     "tunnel_method.ssh_key",
		`"tunnel_method":{"tunnel_method":"SSH_PASSWORD_AUTH","tunnel_host":"","tunnel_port":22,"tunnel_user":"tu"}`: "tunnel_method.tunnel_host",
		`"jdbc_url_params":"currentSchema=x"`:                                                                        "may not set currentSchema (use the setting schema instead)",
		`"ssl":true,"ssl_mode":{"mode":"maybe"}`:                                                                     "ssl_mode",
		`"cdc_deletion_mode":"Soft"`:                                                                                 "cdc_deletion_mode",
	} {
		_, _, err := ForAirbyte(readSpec(t), parse(t, `{`+required+`,`+text+`}`))
		if failure.BlameOf(err) != failure.Configuration || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want a configuration error that names %s", text, err, want)
		}
	}
}

func TestSecretsOfTheSpecAreMarked(t *testing.T) {
	t.Parallel()
	_, document := airbyteSpec(t)
	var walk func(path string, value any)
	walk = func(path string, value any) {
		switch v := value.(type) {
		case map[string]any:
			if properties, ok := v["properties"].(map[string]any); ok {
				for name, setting := range properties {
					object, _ := setting.(map[string]any)
					secret := object["airbyte_secret"] == true
					looksSecret := object["type"] == "string" && (strings.Contains(name, "password") || strings.HasSuffix(name, "_key") && name != "host_key")
					if looksSecret && !secret {
						t.Errorf("%s.%s is not marked as a secret", path, name)
					}
					if object["order"] == nil {
						t.Errorf("%s.%s has no order", path, name)
					}
				}
			}
			for key, child := range v {
				if strings.HasPrefix(key, "x-") {
					t.Errorf("%s has %s, which is not Airbyte's", path, key)
				}
				walk(path+"."+key, child)
			}
		case []any:
			for _, child := range v {
				walk(path, child)
			}
		}
	}
	delete(document["properties"].(map[string]any), "migration_policy") // its settings are in the order of the file
	walk("", document)
	for _, name := range []string{"url", "ssh_tunnel", "hard_delete", "use_tls"} {
		if _, shown := document["properties"].(map[string]any)[name]; shown {
			t.Errorf("%s is shown beside the setting that Airbyte has for it", name)
		}
	}
}
