package dialect

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"target-postgres/target/failure"
)

// The answers for settings that several targets have.
const (
	same      = "the same"
	otherName = "another name for ours"
	notNeeded = "accepted, not needed: "
)

// Targets are the targets whose configurations are understood, with all their documented settings.
func Targets() []Target {
	return []Target{
		{"meltanolabs-target-postgres", LikeMeltanolabs, meltanolabsSettings()},
		{"pipelinewise-target-postgres", LikePipelinewise, pipelinewiseSettings()},
		{"hotglue's target-postgres", LikePipelinewise, append(pipelinewiseSettings(), hotglueSettings()...)},
		{"singer-target-postgres (datamill)", LikeDatamill, datamillSettings()},
	}
}

func meltanolabsSettings() []Setting {
	return []Setting{
		{"host", "host", same, nil},
		{"port", "port", same, nil},
		{"user", "username", otherName, nil},
		{"password", "password", same, nil},
		{"database", "database", same, nil},
		{"sqlalchemy_url", "url", "wins over host, port, user, password, database and `ssl_*`, as there", wholeURL},
		{"dialect+driver", "", notNeeded + "there is one driver", nil},
		{"default_target_schema", "schema", "also empty: then `a-b` goes to schema `a`", emptySchema},
		{"use_copy", "", notNeeded + "rows always arrive by COPY, and offsets and digits survive it", nil},
		{"load_method", "load_mode", "accepted without effect, as there: streams with a key are upserted, others appended. `overwrite` gets a line in the log that names `load_mode: replace`", loadMethod},
		{"batch_size_rows", "batch_max_rows", otherName, nil},
		{"activate_version", "activate_version", same, nil},
		{"process_activate_version_messages", "activate_version", "false turns ACTIVATE_VERSION off", processVersions},
		{"hard_delete", "hard_delete", "the same, and LOG_BASED tombstones delete their row, too", nil},
		{"add_record_metadata", "add_record_metadata", same, nil},
		{"interpret_content_encoding", "decode_binary", "the same, and base64, too", nil},
		{"sanitize_null_text_characters", "invalid_text", notNeeded + "NUL becomes U+FFFD at any depth; `invalid_text: fail` refuses it", nil},
		{"validate_records", "validate_records", "the same (formats are not checked, as there)", nil},
		// The client's certificate first: it counts without ssl_enable, too.
		{clientCertsEnabled, "ssl_cert, ssl_key", "false: the client certificate is not used", enableClientCertificate},
		{"ssl_enable", "ssl_mode, use_tls", "false: as libpq does by itself (encrypted where the server offers it)", enableTLS},
		{"ssl_mode", "ssl_mode", "counts when ssl_enable is true", nil},
		{authoritySetting, "ssl_root_cert", otherName, nil},
		{clientCertSetting, "ssl_cert", otherName, nil},
		{clientKeySetting, "ssl_key", otherName, nil},
		{"ssl_storage_directory", "", notNeeded + "no key is written to a file", nil},
		{"ssh_tunnel.enable", "ssh_tunnel.enabled", otherName + "; if it is missing beside a host, the run fails, or with `compatibility: meltanolabs` warns and " +
			"connects directly", nil},
		{"ssh_tunnel.host", "ssh_tunnel.host", same, nil},
		{"ssh_tunnel.port", "ssh_tunnel.port", same, nil},
		{"ssh_tunnel.username", "ssh_tunnel.username", same, nil},
		{"ssh_tunnel.private_key", "ssh_tunnel.private_key", same, nil},
		{"ssh_tunnel.private_key_password", "ssh_tunnel.private_key_passphrase", otherName + ", and encrypted keys work", nil},
		{"stream_maps", "stream_maps", "the same, as far as it needs no Python: anything else is refused by name", nil},
		{"stream_map_config", "stream_map_config", same, nil},
		{"faker_config", "", "goes with `fake` in stream_maps, which is refused", nil},
		{"flattening_enabled", "flatten", "true: `flatten` with the three settings below, which have no effect without it", flattenLikeSDK},
		{"flattening_max_depth", "flatten.max_level", "goes with flattening_enabled, and is required then, as there", nil},
		{"flattening_max_key_length", "flatten.max_key_length", "goes with flattening_enabled; unset it is 64 rather than 255: PostgreSQL's names have up to 63", nil},
		{"flattening_separator", "flatten.separator", "goes with flattening_enabled", nil},
	}
}

func pipelinewiseSettings() []Setting {
	return []Setting{
		{"host", "host", same, nil},
		{"port", "port", same, nil},
		{"user", "username", otherName, nil},
		{"password", "password", same, nil},
		{"dbname", "database", otherName, nil},
		{"ssl", "ssl_mode", "`true` and `\"true\"` mean at least `require`; else as libpq does by itself", requireEncryption},
		{"batch_size_rows", "batch_max_rows", otherName, nil},
		{"flush_all_streams", "", notNeeded + "all streams are committed together", nil},
		{"parallelism", "parallelism", "the connections used, not the streams: 0 chooses 2, more than 8 count as 8", nil},
		{"max_parallelism", "", notNeeded + "parallelism is bounded", nil},
		{"parallelism_max", "", notNeeded + "parallelism is bounded", nil},
		{"default_target_schema", "schema", "folded to lower case, as there", lowerSchema},
		{"default_target_schema_select_permissions", "grant_select_to", otherName, nil},
		{"default_target_schema_select_permission", "grant_select_to", otherName, nil},
		{"schema_mapping", "streams", "becomes `streams.<source schema>-*` with `schema` and `grant_select_to`; for `indices` the log says which to create", schemaMapping},
		{"add_metadata_columns", "add_record_metadata", "its three columns under `compatibility: pipelinewise`", nil},
		{"hard_delete", "hard_delete", "the same; brings the metadata columns with it under `compatibility: pipelinewise`", nil},
		{"data_flattening_max_level", "flatten.max_level", "the same names and values; an object without declared properties is one jsonb column", flattenLikePipelinewise},
		{"primary_key_required", "primary_key_required", "the same where it is written; the default here is false", nil},
		{"validate_records", "validate_records", same, nil},
		{"temp_dir", "", notNeeded + "nothing is written to disk", nil},
	}
}

func hotglueSettings() []Setting {
	return []Setting{
		{"insertion_method", "load_mode", "`truncate` becomes `load_mode: replace`, for the streams of insertion_method_tables alone where it names some", insertionMethod},
		{"insertion_method_tables", "streams", "goes with insertion_method", nil},
		{"is_versioning_enabled", "", notNeeded + "a column whose type changes is widened in place", nil},
	}
}

func datamillSettings() []Setting {
	const role = "run it before and after the load, as a step of your schedule; for SET ROLE there is the setting role"
	return []Setting{
		{"postgres_host", "host", otherName, nil},
		{"postgres_port", "port", otherName, nil},
		{"postgres_database", "database", otherName, nil},
		{"postgres_username", "username", otherName, nil},
		{"postgres_password", "password", otherName, nil},
		{"postgres_schema", "schema", otherName, nil},
		{"postgres_sslmode", "ssl_mode", otherName, nil},
		{"postgres_sslcert", "ssl_cert", otherName, nil},
		{"postgres_sslkey", "ssl_key", otherName, nil},
		{"postgres_sslrootcert", "ssl_root_cert", otherName, nil},
		{"postgres_sslcrl", "", "refused: revocation lists are not read", refuse("postgres_sslcrl",
			"revocation lists are not read: remove the setting, and revoke at the server")},
		{"invalid_records_detect", "on_bad_record", "false becomes `on_bad_record: reject` without a limit", detectInvalid},
		{"invalid_records_threshold", "max_rejected_records", "a number above 0 becomes `on_bad_record: reject` with this limit, over all streams together", invalidThreshold},
		{"disable_collection", "", notNeeded + "nothing is ever sent anywhere", nil},
		{"logging_level", "", "the variable TARGET_POSTGRES_LOGLEVEL, as the log says", loggingLevel},
		{"persist_empty_tables", "", notNeeded + "a stream's table is created by its SCHEMA", nil},
		{"max_batch_rows", "batch_max_rows", otherName, nil},
		{"max_batch_size", "batch_max_bytes", otherName, nil},
		{"max_buffer_size", "batch_max_bytes", otherName + "; there it had no effect", nil},
		{"batch_detection_threshold", "", notNeeded + "every row is counted as it comes", nil},
		{"state_support", "", "false gets a line in the log: STATE is always emitted, discard standard output instead", stateSupport},
		{"add_upsert_indexes", "", notNeeded + "the table gets a primary key", nil},
		{"before_run_sql", "", "refused: " + role, refuse("before_run_sql", role)},
		{"after_run_sql", "", "refused: " + role, refuse("after_run_sql", role)},
		{"before_run_sql_file", "", "refused: as before_run_sql", refuse("before_run_sql_file", role)},
		{"after_run_sql_file", "", "refused: as after_run_sql", refuse("after_run_sql_file", role)},
		{"application_name", "application_name", same, nil},
	}
}

// streams are the settings of single streams, to be added to.
func (t *translation) streams() map[string]any {
	streams, _ := t.given["streams"].(map[string]any)
	if streams == nil {
		streams = map[string]any{}
		t.given["streams"] = streams
	}
	return streams
}

// insertionMethod is hotglue's: truncate fills the tables, or those of some streams, anew.
func insertionMethod(t *translation, value any) error {
	if value != "truncate" {
		return nil
	}
	tables, _ := t.given["insertion_method_tables"].([]any)
	if len(tables) == 0 {
		t.unless("load_mode", "replace")
	}
	for _, table := range tables {
		name, _ := table.(string)
		if _, said := t.streams()[name]; !said {
			t.streams()[name] = map[string]any{"load_mode": "replace"}
		}
	}
	return nil
}

// emptySchema is an empty default_target_schema of meltanolabs' target: names then carry the schema.
func emptySchema(t *translation, value any) error {
	if value == "" {
		t.remove("default_target_schema")
		t.unless("schema", "public")
		t.unless("stream_name_separator", "-")
	}
	return nil
}

func lowerSchema(t *translation, value any) error {
	if name, ok := value.(string); ok {
		t.given["default_target_schema"] = strings.ToLower(strings.TrimSpace(name))
	}
	return nil
}

func loadMethod(t *translation, value any) error {
	if value == "overwrite" {
		t.notef("load_method overwrite has no effect, as in meltanolabs' target: set load_mode to replace if the tables are to hold each run's records only")
	}
	return nil
}

func processVersions(t *translation, value any) error {
	if isOff(value) {
		t.given["activate_version"] = false
	}
	return nil
}

// schemaMapping is pipelinewise's: where the streams of one source schema go.
func schemaMapping(t *translation, value any) error {
	mapping, ok := value.(map[string]any)
	if !ok {
		return &failure.ConfigError{Setting: "schema_mapping", Reason: "is not an object"}
	}
	streams := t.streams()
	for _, source := range slices.Sorted(maps.Keys(mapping)) {
		one, _ := mapping[source].(map[string]any)
		stream := map[string]any{}
		if schema, ok := one["target_schema"].(string); ok {
			stream["schema"] = strings.ToLower(schema)
		}
		if grantees, ok := one["target_schema_select_permissions"]; ok {
			if name, single := grantees.(string); single {
				grantees = []any{name}
			}
			stream["grant_select_to"] = grantees
		}
		// A stream is called <schema>-<table>, or <catalog>-<schema>-<table>.
		for _, glob := range []string{source + "-*", "*-" + source + "-*"} {
			if _, said := streams[glob]; !said {
				streams[glob] = stream
			}
		}
		if !isOff(one["indices"]) && one["indices"] != nil {
			t.notef("schema_mapping.%s.indices: indexes that exist stay; create those of new tables yourself with CREATE INDEX", source)
		}
	}
	return nil
}

func detectInvalid(t *translation, value any) error {
	if isOff(value) {
		t.unless("on_bad_record", "reject")
		t.unless("max_rejected_records", 1<<53)
	}
	return nil
}

func invalidThreshold(t *translation, value any) error {
	if !isOff(value) {
		t.unless("on_bad_record", "reject")
		t.unless("max_rejected_records", value)
	}
	return nil
}

func loggingLevel(t *translation, value any) error {
	if level := strings.ToUpper(fmt.Sprint(value)); level != "INFO" {
		t.notef("logging_level has no effect: set the variable TARGET_POSTGRES_LOGLEVEL to %s", level)
	}
	return nil
}

func stateSupport(t *translation, value any) error {
	if isOff(value) {
		t.notef("state_support false has no effect: STATE is always emitted; send standard output to /dev/null instead")
	}
	return nil
}
