package target_test

import (
	"errors"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"target-postgres/target/config"
	"target-postgres/target/failure"
	settingspec "target-postgres/target/settings"
)

// readSpec parses spec.json once for all tests: the race detector makes that a fifth of a second.
var readSpec = sync.OnceValues(func() (*settingspec.Spec, error) {
	data, err := os.ReadFile("../spec.json")
	if err != nil {
		return nil, err
	}
	return settingspec.Parse(data)
})

func parseSpec(t *testing.T) *settingspec.Spec {
	t.Helper()
	spec, err := readSpec()
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// least is the smallest configuration there is.
func least(more map[string]any) map[string]any {
	given := map[string]any{"host": "h", "username": "u", "database": "d"}
	maps.Copy(given, more)
	return given
}

// streamsOf are settings of partitions for a stream.
func streamsOf(stream string, partitions map[string]any) map[string]any {
	return map[string]any{"streams": map[string]any{stream: map[string]any{"partition_by": partitions}}}
}

func TestAConfigurationThatDoesNotFitNamesTheSettingAndTheFix(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		given map[string]any
		want  []string
	}{
		{"a typo", least(map[string]any{"shema": "x"}), []string{`"shema"`, "did you mean schema?"}},
		{"a typo inside an object", least(map[string]any{"ssh_tunnel": map[string]any{"hots": "x"}}), []string{"ssh_tunnel.hots", "ssh_tunnel.host?"}},
		{"nothing like a setting", least(map[string]any{"zzzzzzzz": 1}), []string{`"zzzzzzzz"`, "--about"}},
		{"a wrong type", least(map[string]any{"port": "many"}), []string{`"port"`, "integer"}},
		{"out of range", least(map[string]any{"port": 70000}), []string{`"port"`, "65535"}},
		{"not one of the values", least(map[string]any{"load_mode": "upsrt"}), []string{`"load_mode"`, "upsert"}},
		{"a stream's wrong mode", least(map[string]any{"streams": map[string]any{"a": map[string]any{"load_mode": "x"}}}), []string{"streams.a.load_mode"}},
		{"no host", map[string]any{"username": "u", "database": "d"}, []string{`"host" is missing`, "url"}},
		{"no database", map[string]any{"username": "u", "host": "h"}, []string{`"database" is missing`}},
		{"a setting under two names", least(map[string]any{"user": "x"}), []string{`"user"`, "username", "keep one"}},
		{"a tunnel without a host", least(map[string]any{"ssh_tunnel": map[string]any{"enabled": true}}), []string{"ssh_tunnel.host"}},
		{"a bastion that nothing uses", least(map[string]any{"ssh_tunnel": map[string]any{"host": "bastion"}}), []string{`"ssh_tunnel.enabled" is missing`, "bastion", "true", "false"}},
		{"a bastion that nothing uses, dotted", least(map[string]any{"ssh_tunnel.host": "bastion"}), []string{`"ssh_tunnel.enabled" is missing`}},
		{"years far ahead", least(streamsOf("a", map[string]any{"column": "at", "every": "year", "ahead": 11})), []string{"streams.a.partition_by", "more than ten years", "set ahead to 10 at most"}},
		{"days far ahead", least(streamsOf("a", map[string]any{"column": "at", "every": "day", "ahead": 100})), []string{"streams.a.partition_by.ahead", "99"}},
		{"more partitions by hash than a run makes", least(streamsOf("a%2F *", map[string]any{"hash": 101})), []string{`"streams.a%2F *.partition_by.hash"`, "100"}},
		{"a malformed glob", least(map[string]any{"streams": map[string]any{"[": map[string]any{}}}), []string{"streams", "glob"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := config.New(parseSpec(t), test.given)
			if _, ok := errors.AsType[*failure.ConfigError](err); !ok {
				t.Fatalf("the error is %v, want a ConfigError", err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error is %q, want %q in it", err, want)
				}
			}
		})
	}
}

func TestAliasesAndStringsAreTakenForTheirSettings(t *testing.T) {
	t.Parallel()
	cfg, err := config.New(parseSpec(t), map[string]any{
		"host": "h", "user": "u", "dbname": "d", "port": "6543", "default_target_schema": "raw", "batch_size_rows": "7",
		"use_tls": "true", "ssh_tunnel": `{"enable": false}`, "password": nil,
	})
	if err != nil {
		t.Fatal(err)
	}
	got := []any{cfg.Username, cfg.Database, cfg.Port, cfg.Schema, cfg.BatchMaxRows, cfg.UseTLS, cfg.SSHTunnel.Port}
	if diff := cmp.Diff([]any{"u", "d", 6543, "raw", 7, true, 22}, got); diff != "" {
		t.Error(diff)
	}
}

func TestDefaultsOfTheConnectionDoNotOverrideAURL(t *testing.T) {
	t.Parallel()
	cfg, err := config.New(parseSpec(t), map[string]any{"url": "postgres://u@h:6543/d?application_name=mine"})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Port != 0 || cfg.ApplicationName != "" || cfg.ConnectTimeout != 0 {
		t.Errorf("port %d, application_name %q and connect_timeout %d would override the URL's", cfg.Port, cfg.ApplicationName, cfg.ConnectTimeout)
	}
}

func TestEverySettingIsAFieldOfConfigAndTheOtherWayRound(t *testing.T) {
	t.Parallel()
	settings, fields := map[string]bool{}, map[string]bool{}
	for _, s := range parseSpec(t).Settings() {
		settings[s.Path] = true
	}
	// Airbyte's words for what other settings say are translated before the fields are filled.
	for _, translated := range []string{
		"cdc_deletion_mode", "drop_cascade", "jdbc_url_params", "raw_data_schema", "ssl", "tunnel_method", "unconstrained_number",
	} {
		if !settings[translated] {
			t.Errorf("%s is no setting any more", translated)
		}
		delete(settings, translated)
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[config.Config]()) {
		if field.Anonymous {
			continue
		}
		if name := field.Tag.Get("json"); name != "-" {
			fields[name] = true
		}
	}
	if diff := cmp.Diff(settings, fields); diff != "" {
		t.Errorf("spec.json and Config differ (-spec +Config):\n%s", diff)
	}
}

func TestABastionThatMeltanolabsTargetWouldNotUseIsToldOf(t *testing.T) {
	t.Parallel()
	given := least(map[string]any{"compatibility": "meltanolabs", "ssh_tunnel": map[string]any{"host": "bastion", "username": "me"}})
	cfg, err := config.New(parseSpec(t), given)
	if err != nil || cfg.SSHTunnel.Enabled {
		t.Fatalf("the tunnel is enabled: %t, the error is %v", cfg != nil && cfg.SSHTunnel.Enabled, err)
	}
	if !slices.ContainsFunc(cfg.Notes, func(note string) bool { return strings.Contains(note, "does not go through the bastion") }) {
		t.Errorf("the notes are %q", cfg.Notes)
	}
}
