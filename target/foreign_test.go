package target_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"target-postgres/target/config"
	"target-postgres/target/dialect"
)

// parse makes a Config of a configuration file's text.
func parse(t *testing.T, text string) (*config.Config, error) {
	t.Helper()
	given := map[string]any{}
	if err := json.Unmarshal([]byte(text), &given); err != nil {
		t.Fatal(err)
	}
	return config.New(parseSpec(t), given)
}

// What Meltano hands over for the variants of its hub, and what the targets' own documentation shows.
const (
	meltanolabsConfig = `{
		"host": "db", "port": 5433, "user": "loader", "password": "secret", "database": "warehouse",
		"dialect+driver": "postgresql+psycopg", "default_target_schema": "raw", "use_copy": false, "activate_version": true,
		"process_activate_version_messages": true, "hard_delete": false, "add_record_metadata": true,
		"interpret_content_encoding": false, "sanitize_null_text_characters": false, "load_method": "append-only",
		"batch_size_rows": 10000, "validate_records": true, "stream_maps": {}, "flattening_enabled": false,
		"flattening_max_key_length": 255, "faker_config": {}, "stream_map_config": {},
		"ssl_enable": false, "ssl_client_certificate_enable": false, "ssl_mode": "verify-full",
		"ssl_certificate_authority": "~/.postgresql/root.crl", "ssl_client_certificate": "~/.postgresql/postgresql.crt",
		"ssl_client_private_key": "~/.postgresql/postgresql.key", "ssl_storage_directory": ".secrets",
		"ssh_tunnel": {"enable": true, "host": "bastion", "port": 22, "username": "me", "private_key": "key", "private_key_password": null}
	}`
	pipelinewiseConfig = `{
		"host": "db", "port": 5433, "user": "loader", "password": "secret", "dbname": "warehouse",
		"default_target_schema": "Raw", "default_target_schema_select_permissions": "readers", "batch_size_rows": 100000,
		"flush_all_streams": false, "parallelism": 0, "max_parallelism": 16, "add_metadata_columns": false, "hard_delete": true,
		"data_flattening_max_level": 0, "primary_key_required": true, "validate_records": false, "temp_dir": "/tmp", "ssl": "true",
		"schema_mapping": {"shop": {"target_schema": "Sales", "target_schema_select_permissions": ["sellers"], "indices": {"a": ["b"]}}}
	}`
	hotglueConfig = `{
		"host": "db", "port": 5433, "user": "loader", "password": "secret", "dbname": "warehouse", "default_target_schema": "raw",
		"insertion_method": "truncate", "insertion_method_tables": ["a", "b"], "is_versioning_enabled": false, "ssl": true,
		"primary_key_required": false
	}`
	datamillConfig = `{
		"postgres_host": "db", "postgres_port": 5433, "postgres_username": "loader", "postgres_password": "secret",
		"postgres_database": "warehouse", "postgres_schema": "raw", "postgres_sslmode": "prefer", "invalid_records_detect": true,
		"invalid_records_threshold": 5, "disable_collection": true, "logging_level": "DEBUG", "persist_empty_tables": false,
		"max_batch_rows": 200000, "max_buffer_size": 104857600, "batch_detection_threshold": 5000, "state_support": true,
		"add_upsert_indexes": true, "application_name": "etl"
	}`
)

// with puts a setting in front of a configuration's others.
func with(setting, cfg string) string { return "{" + setting + "," + cfg[1:] }

func TestConfigurationsOfOtherTargetsWorkUnchanged(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, config, suggested string
	}{
		{"meltanolabs", meltanolabsConfig, "set compatibility to meltanolabs"},
		{"pipelinewise", pipelinewiseConfig, "set compatibility to pipelinewise"},
		{"hotglue", hotglueConfig, "set compatibility to pipelinewise"},
		{"datamill", datamillConfig, "set compatibility to datamill"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := parse(t, tt.config)
			if err != nil {
				t.Fatal(err)
			}
			if c.Host != "db" || c.Port != 5433 || c.Username != "loader" || c.Password != "secret" || c.Database != "warehouse" || c.Schema != "raw" {
				t.Errorf("the connection is %+v", c)
			}
			suggestions := 0
			for _, note := range c.Notes {
				if strings.Contains(note, tt.suggested) {
					suggestions++
				}
			}
			if suggestions != 1 {
				t.Errorf("compatibility is suggested %d times in %q", suggestions, c.Notes)
			}
			compatible := strings.Fields(tt.suggested)[3]
			for _, said := range []string{compatible, "none"} {
				if said == "none" && tt.name != "meltanolabs" {
					continue
				}
				c, err := parse(t, with(`"compatibility": "`+said+`"`, tt.config))
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(strings.Join(c.Notes, ""), "set compatibility") {
					t.Errorf("compatibility is there, and suggested: %q", c.Notes)
				}
			}
		})
	}
}

// ours picks what another target's settings become.
type ours struct {
	SSLMode, RootCert, ClientCert, Schema, OnBad, Mode, URL string
	UseTLS, Metadata, Versions, HardDelete, KeyRequired     bool
	Rejected                                                int
	Host                                                    string
}

func pick(c *config.Config) ours {
	return ours{
		SSLMode: string(c.SSLMode), RootCert: c.SSLRootCert, ClientCert: c.SSLCert, Schema: c.Schema, OnBad: string(c.OnBadRecord), Mode: c.LoadMode.String(),
		URL: c.URL, UseTLS: c.UseTLS, Metadata: c.AddRecordMetadata, Versions: c.ActivateVersion, HardDelete: c.HardDelete,
		KeyRequired: c.PrimaryKeyRequired, Rejected: c.MaxRejectedRecords, Host: c.Host,
	}
}

func TestSettingsOfOtherTargetsKeepTheirMeaning(t *testing.T) {
	t.Parallel()
	const (
		ml    = `"compatibility": "meltanolabs", "host": "h", "user": "u", "database": "d"`
		ppw   = `"compatibility": "pipelinewise", "host": "h", "user": "u", "dbname": "d"`
		dm    = `"compatibility": "datamill", "postgres_username": "u", "postgres_database": "d"`
		plain = `"host": "h", "username": "u", "database": "d"`
	)
	likeML := ours{Schema: "melty", Metadata: true, Versions: true, UseTLS: true, OnBad: "fail", Rejected: 1000, Host: "h"}
	likePPW := ours{Schema: "public", UseTLS: true, OnBad: "fail", Rejected: 1000, Host: "h"}
	likeDM := ours{Schema: "public", Metadata: true, Versions: true, UseTLS: true, OnBad: "fail", Rejected: 1000, Host: "localhost"}
	native := ours{Schema: "public", Versions: true, OnBad: "fail", Rejected: 1000, Host: "h"}
	change := func(o ours, f func(*ours)) ours { f(&o); return o }
	tests := []struct {
		name, config string
		want         ours
	}{
		{"nothing but our own", plain, native},
		{"meltanolabs' defaults", ml, likeML},
		{"pipelinewise's defaults", ppw, likePPW},
		{"datamill's defaults", dm, likeDM},
		{"what is said wins over the defaults", ml + `, "add_record_metadata": false, "schema": "x"`, change(likeML, func(o *ours) { o.Metadata, o.Schema = false, "x" })},
		{"ssl_enable alone verifies everything", ml + `, "ssl_enable": true`, change(likeML, func(o *ours) { o.SSLMode = "verify-full" })},
		{
			"ssl_enable with a mode and an authority", ml + `, "ssl_enable": "true", "ssl_mode": "verify-ca", "ssl_certificate_authority": "ca.pem"`,
			change(likeML, func(o *ours) { o.SSLMode, o.RootCert = "verify-ca", "ca.pem" }),
		},
		{"the default authority that is not there is not asked for", ml + `, "ssl_enable": true, "ssl_certificate_authority": "~/.postgresql/root.crl"`, change(likeML, func(o *ours) { o.SSLMode = "verify-full" })},
		{"ssl_mode without ssl_enable, as Meltano hands it over", ml + `, "ssl_enable": false, "ssl_mode": "verify-full"`, likeML},
		{"ssl_mode by itself is what it says", ml + `, "ssl_mode": "require"`, change(likeML, func(o *ours) { o.SSLMode = "require" })},
		{"a client certificate that is enabled", ml + `, "ssl_client_certificate_enable": true, "ssl_client_certificate": "c.pem"`, change(likeML, func(o *ours) { o.ClientCert = "c.pem" })},
		{"one that is not", ml + `, "ssl_client_certificate_enable": false, "ssl_client_certificate": "c.pem"`, likeML},
		{
			"sqlalchemy_url wins over its parts", `"compatibility": "meltanolabs", "sqlalchemy_url": "postgresql://u@h/d", "port": 5432, "host": "other"`,
			change(likeML, func(o *ours) { o.URL, o.Host, o.UseTLS = "postgresql://u@h/d", "", false }),
		},
		{"process_activate_version_messages", ml + `, "activate_version": true, "process_activate_version_messages": false`, change(likeML, func(o *ours) { o.Versions = false })},
		{"load_method has no effect", ml + `, "load_method": "overwrite"`, likeML},
		{"an empty default_target_schema", ml + `, "default_target_schema": ""`, change(likeML, func(o *ours) { o.Schema = "public" })},
		{"ssl as JSON means require", ppw + `, "ssl": true`, change(likePPW, func(o *ours) { o.SSLMode = "require" })},
		{"ssl as text means require", ppw + `, "ssl": "true"`, change(likePPW, func(o *ours) { o.SSLMode = "require" })},
		{"ssl false", ppw + `, "ssl": false`, likePPW},
		{"a stricter mode stays", ppw + `, "ssl": true, "ssl_mode": "verify-full"`, change(likePPW, func(o *ours) { o.SSLMode = "verify-full" })},
		{"hard_delete brings the metadata", ppw + `, "hard_delete": "true"`, change(likePPW, func(o *ours) { o.HardDelete, o.Metadata = true, true })},
		{"add_metadata_columns", ppw + `, "add_metadata_columns": true`, change(likePPW, func(o *ours) { o.Metadata = true })},
		{"primary_key_required", ppw + `, "primary_key_required": true`, change(likePPW, func(o *ours) { o.KeyRequired = true })},
		{"a schema is folded", ppw + `, "default_target_schema": "Raw"`, change(likePPW, func(o *ours) { o.Schema = "raw" })},
		{"insertion_method for all", ppw + `, "insertion_method": "truncate"`, change(likePPW, func(o *ours) { o.Mode = "replace" })},
		{"insertion_method append", ppw + `, "insertion_method": "append"`, likePPW},
		{"invalid_records_detect", dm + `, "invalid_records_detect": false`, change(likeDM, func(o *ours) { o.OnBad, o.Rejected = "reject", 1<<53 })},
		{"invalid_records_threshold", dm + `, "invalid_records_threshold": 7`, change(likeDM, func(o *ours) { o.OnBad, o.Rejected = "reject", 7 })},
		{"no threshold", dm + `, "invalid_records_threshold": 0, "invalid_records_detect": true`, likeDM},
		{"postgres_sslmode", dm + `, "postgres_sslmode": "verify-ca"`, change(likeDM, func(o *ours) { o.SSLMode = "verify-ca" })},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := parse(t, "{"+tt.config+"}")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, pick(c)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSchemaMappingBecomesStreams(t *testing.T) {
	t.Parallel()
	c, err := parse(t, pipelinewiseConfig)
	if err != nil {
		t.Fatal(err)
	}
	want := config.StreamConfig{Schema: "sales", TableSettings: config.TableSettings{GrantSelectTo: []string{"sellers"}}}
	for _, glob := range []string{"shop-*", "*-shop-*"} {
		if diff := cmp.Diff(want, c.Streams[glob].StreamConfig, cmpopts.IgnoreUnexported(config.StreamConfig{})); diff != "" {
			t.Errorf("%s: %s", glob, diff)
		}
	}
	if diff := cmp.Diff([]string{"readers"}, c.GrantSelectTo); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(strings.Join(c.Notes, "\n"), "schema_mapping.shop.indices: indexes that exist stay") {
		t.Errorf("the notes are %q", c.Notes)
	}
}

func TestInsertionMethodOfSomeTables(t *testing.T) {
	t.Parallel()
	c, err := parse(t, hotglueConfig)
	if err != nil {
		t.Fatal(err)
	}
	if c.LoadMode.String() != "" || c.Streams["a"].LoadMode.String() != "replace" || c.Streams["b"].LoadMode.String() != "replace" {
		t.Errorf("load_mode %q, streams %+v", c.LoadMode.String(), c.Streams)
	}
}

func TestSettingsWithoutEquivalentSayWhatToDo(t *testing.T) {
	t.Parallel()
	tests := []struct{ setting, base, want string }{
		{`"stream_maps": {"a": {"b": "c()"}}`, meltanolabsConfig, "which is not supported"},
		{`"flattening_enabled": true`, meltanolabsConfig, "flattening_max_depth"},
		{`"postgres_sslcrl": "x.crl"`, datamillConfig, "revoke at the server"},
		{`"before_run_sql": "SET ROLE x"`, datamillConfig, "there is the setting role"},
		{`"after_run_sql_file": "x.sql"`, datamillConfig, "there is the setting role"},
	}
	for _, tt := range tests {
		name, _, _ := strings.Cut(strings.Trim(tt.setting, `"`), `"`)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(tt.base, `"`+name+`": {},`, "", 1)
			text = strings.Replace(text, `"`+name+`": false,`, "", 1)
			text = strings.Replace(text, `"`+name+`": 0,`, "", 1)
			_, err := parse(t, with(tt.setting, text))
			if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestWhatHasNoEffectIsSaid(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		`"load_method": "overwrite"`:                                  "set load_mode to replace",
		`"postgres_database": "d", "logging_level": "DEBUG"`:          "TARGET_POSTGRES_LOGLEVEL to DEBUG",
		`"postgres_database": "d", "state_support": false`:            "STATE is always emitted",
		`"user": "u", "default_target_schema": "x", "use_copy": true`: "looks like a configuration of meltanolabs-target-postgres",
		`"user": "u", "dbname": "x"`:                                  "looks like a configuration of pipelinewise-target-postgres",
		`"dbname": "x", "user": "u", "insertion_method": "truncate"`:  "looks like a configuration of hotglue's target-postgres",
		`"postgres_host": "h", "postgres_database": "x"`:              "looks like a configuration of singer-target-postgres (datamill)",
	} {
		c, err := parse(t, `{"url": "postgresql://u@h/d", `+setting+`}`)
		if err != nil {
			t.Errorf("%s: %v", setting, err)
			continue
		}
		if !strings.Contains(strings.Join(c.Notes, "\n"), want) {
			t.Errorf("%s: the notes are %q", setting, c.Notes)
		}
	}
	c, err := parse(t, `{"host": "h", "user": "u", "database": "d"}`)
	if err != nil || len(c.Notes) > 0 {
		t.Errorf("one common alias is a reason for %q, %v", c.Notes, err)
	}
}

func TestListsMayBeWrittenWithCommas(t *testing.T) {
	t.Parallel()
	c, err := parse(t, `{"url": "postgresql://u@h/d", "grant_select_to": "a, b"}`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b"}, c.GrantSelectTo); diff != "" {
		t.Error(diff)
	}
}

func TestEveryDocumentedSettingOfOtherTargetsIsUnderstood(t *testing.T) {
	t.Parallel()
	for _, foreign := range dialect.Targets() {
		for _, setting := range foreign.Settings {
			if strings.HasPrefix(setting.Name, "ssh_tunnel.") {
				continue // in meltanolabsConfig
			}
			cfg := map[string]any{"url": "postgresql://u@h/d", "compatibility": foreign.Compatibility}
			for _, value := range []any{nil, "", false, "1", 1, "require", true, map[string]any{"a": map[string]any{}}, []any{"a"}} {
				cfg[setting.Name] = value
				text, err := json.Marshal(cfg)
				if err != nil {
					t.Fatal(err)
				}
				if _, err = parse(t, string(text)); err != nil && strings.Contains(err.Error(), "is not a setting") {
					t.Errorf("%s: %v: %v", foreign.Name, value, err)
				}
			}
			if setting.Meaning == "" || (setting.Ours == "" && setting.Meaning == "another name for ours") {
				t.Errorf("%s, %s: the docs do not say what becomes of it", foreign.Name, setting.Name)
			}
		}
	}
}
