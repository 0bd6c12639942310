package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

// settingsAsked are values of the settings that change how values are read, printed or found, beside those of type bool
// and enum.
var settingsAsked = map[string][]string{
	"DateStyle": {"SQL, DMY", "Postgres, YMD", "German"}, "TimeZone": {"America/New_York"}, "timezone_abbreviations": {"India"},
	"extra_float_digits": {"-15", "3"}, "gin_fuzzy_search_limit": {"1"}, "search_path": {"pg_temp, pg_catalog"},
	"client_encoding": {"LATIN1", "SQL_ASCII"}, "default_text_search_config": {"pg_catalog.german"}, "lc_monetary": {"C"}, "lc_numeric": {"C"},
	"lc_time": {"C"}, "work_mem": {"64"}, "temp_buffers": {"100"}, "stats_fetch_consistency": {"none"}, "from_collapse_limit": {"1"},
	"join_collapse_limit": {"1"}, "geqo_threshold": {"2"}, "cursor_tuple_fraction": {"0"}, "random_page_cost": {"0"}, "default_statistics_target": {"1"},
}

// settingsHarmless are of a number or a text, and decide what is planned, logged or limited, where rows are, or when
// they are safe. They do not change what a value is. A setting that is nowhere here is new: decide what it is.
var settingsHarmless = strings.Fields(`
	application_name backend_flush_after backtrace_functions client_connection_check_interval commit_delay commit_siblings cpu_index_tuple_cost
	cpu_operator_cost cpu_tuple_cost createrole_self_grant deadlock_timeout debug_discard_caches debug_io_direct default_table_access_method
	default_tablespace dynamic_library_path effective_cache_size effective_io_concurrency extension_control_path extension_destdir file_extend_method geqo_effort
	geqo_generations geqo_pool_size geqo_seed geqo_selection_bias gin_pending_list_limit hash_mem_multiplier
	idle_in_transaction_session_timeout idle_session_timeout io_combine_limit jit_above_cost jit_inline_above_cost
	jit_optimize_above_cost lc_messages local_preload_libraries lock_timeout log_autovacuum_min_duration log_min_duration_sample
	log_min_duration_statement log_parameter_max_length log_parameter_max_length_on_error log_statement_sample_rate log_temp_files
	log_transaction_sample_rate logical_decoding_work_mem maintenance_io_concurrency maintenance_work_mem max_parallel_maintenance_workers
	max_parallel_workers max_parallel_workers_per_gather max_stack_depth min_parallel_index_scan_size min_parallel_table_scan_size output_plugin_libraries
	parallel_setup_cost parallel_tuple_cost recursive_worktable_factor restrict_nonsystem_relation_kind role scram_iterations seed seq_page_cost
	session_authorization session_preload_libraries statement_timeout tcp_keepalives_count tcp_keepalives_idle tcp_keepalives_interval
	tcp_user_timeout temp_file_limit temp_tablespaces track_cost_delay_timing transaction_timeout vacuum_buffer_usage_limit vacuum_cleanup_index_scale_factor vacuum_cost_delay
	vacuum_cost_limit vacuum_cost_page_dirty vacuum_cost_page_hit vacuum_cost_page_miss vacuum_failsafe_age vacuum_freeze_min_age
	vacuum_freeze_table_age vacuum_max_eager_freeze_failure_rate vacuum_multixact_failsafe_age vacuum_multixact_freeze_min_age
	vacuum_multixact_freeze_table_age wal_consistency_checking wal_sender_timeout wal_skip_threshold`)

// settingsOfTheUser are of type bool or enum, and decide whether rows may be written at all, or are of the transaction.
var settingsOfTheUser = []string{
	"default_transaction_read_only", "transaction_read_only", "transaction_isolation", "transaction_deferrable", "session_replication_role",
	"exit_on_error", "zero_damaged_pages", "ignore_checksum_failure", "allow_system_table_mods", "is_superuser",
}

// TestNoSettingOfTheRoleChangesAValue loads values of every type as roles that have each of the server's settings set.
// With -short all are set together: without it one that changes a value is found alone.
func TestNoSettingOfTheRoleChangesAValue(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	admin := pgtest.ConnectTo(t, url)
	rows, err := admin.Query(t.Context(), `SELECT name, vartype, reset_val, coalesce(enumvals, '{}') FROM pg_settings
		WHERE context IN ('user', 'superuser') AND name !~ '[.]' ORDER BY name`)
	if err != nil {
		t.Fatal(err)
	}
	var together [3][][2]string
	var name, kind, now string
	var choices []string
	if _, err := pgx.ForEachRow(rows, []any{&name, &kind, &now, &choices}, func() error {
		asked, known := settingsAsked[name]
		switch {
		case slices.Contains(settingsOfTheUser, name):
		case kind == "bool":
			asked = []string{map[string]string{"on": "off", "off": "on"}[now]}
		case kind == "enum":
			asked = slices.DeleteFunc(choices, func(v string) bool { return v == now })
		case !known && !slices.Contains(settingsHarmless, name):
			t.Errorf("a setting that nobody has decided about: %s, of type %s", name, kind)
		}
		for i, value := range asked {
			if alone(name) && !testing.Short() {
				settingsLoad(t, url, [2]string{name, value})
			} else if i < len(together) {
				together[i] = append(together[i], [2]string{name, value})
			}
		}
		choices = nil
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, settings := range together {
		settingsLoad(t, url, settings...)
	}
	settingsOfTheDatabase(t)
}

// settingsOfTheDatabase loads the same into a database that has such settings for everybody.
func settingsOfTheDatabase(t *testing.T) {
	url := pgtest.Database(t)
	admin := pgtest.ConnectTo(t, url)
	for _, setting := range []string{
		"quote_all_identifiers = on", "array_nulls = off", "DateStyle = German", "IntervalStyle = sql_standard", "TimeZone = 'America/New_York'",
		"timezone_abbreviations = 'India'", "extra_float_digits = -15", "bytea_output = escape", "xmloption = document",
		"standard_conforming_strings = off", "default_transaction_isolation = serializable", "search_path = pg_temp, pg_catalog",
	} {
		if _, err := admin.Exec(t.Context(), "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET "+strings.ReplaceAll(setting, "'", "''")+"', current_database()); END$$"); err != nil {
			t.Fatal(err)
		}
	}
	settingsLoad(t, url)
}

// alone says whether a setting is tried by itself: those about values are. The others, most of which tell the planner
// what to do, are tried together.
func alone(name string) bool {
	_, asked := settingsAsked[name]
	return asked || slices.Contains([]string{
		"array_nulls", "bytea_output", "IntervalStyle", "quote_all_identifiers", "standard_conforming_strings", "transform_null_equals", "xmlbinary",
		"xmloption", "backslash_quote", "default_transaction_isolation", "row_security", "check_function_bodies",
	}, name)
}

func settingsLoad(t *testing.T, url string, settings ...[2]string) {
	what := fmt.Sprintf("%d settings", len(settings))
	if len(settings) == 1 {
		what = settings[0][0] + "=" + settings[0][1]
	}
	for _, folder := range []string{"values-of-every-type-arrive-the-same-twice", "airbyte-values-of-every-type-arrive-the-same-twice"} {
		t.Run(what+"/"+folder, func(t *testing.T) {
			t.Parallel()
			role, admin := pgtest.Role(t, url, "superuser"), pgtest.ConnectTo(t, url)
			// Rows are read here by the server's own settings, not by those of the database.
			if _, err := admin.Exec(t.Context(), "SET DateStyle = ISO, MDY; SET IntervalStyle = postgres; SET bytea_output = hex; SET extra_float_digits = 1"); err != nil {
				t.Fatal(err)
			}
			for _, s := range settings {
				value := "'" + s[1] + "'"
				if s[0] == "search_path" || s[0] == "DateStyle" {
					value = s[1] // a list
				}
				_, err := admin.Exec(t.Context(), "ALTER ROLE "+pgtest.User(t, role)+" SET "+s[0]+" TO "+value)
				if err != nil && len(settings) == 1 {
					t.Skip(err) // what this server was built without
				}
				if err != nil {
					t.Log(err) // the others of the group are set
				}
			}
			s := &scenario{folder: "testdata/scenarios/" + folder, schema: pgtest.SchemaIn(t, url), conn: admin, url: role}
			s.run(t)
		})
	}
}
