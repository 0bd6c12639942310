package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"sync/atomic"
	"time"

	"target-postgres/target/dialect"
	"target-postgres/target/failure"
	"target-postgres/target/libpq"
	"target-postgres/target/settings"
)

// Config is the configuration of a run: spec.json's settings after aliases, defaults and validation. Use [New] to make
// one; each field's meaning is its setting's description there.
type Config struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	Username string `json:"username"`
	Password string `json:"password"`
	Database string `json:"database"`
	URL      string `json:"url"`
	UsePGEnv bool   `json:"use_pg_env"`

	UseTLS           bool          `json:"use_tls"`
	SSLMode          libpq.TLSMode `json:"ssl_mode"`
	SSLRootCert      string        `json:"ssl_root_cert"`
	SSLCert          string        `json:"ssl_cert"`
	SSLKey           string        `json:"ssl_key"`
	SSLKeyPassphrase string        `json:"ssl_key_passphrase"`

	SSHTunnel SSHTunnel `json:"ssh_tunnel"`

	ConnectTimeout  int `json:"connect_timeout"`
	MaxRetrySeconds int `json:"max_retry_seconds"`
	// FirstConnectionSeconds bounds the retries before the server was reached once.
	FirstConnectionSeconds int    `json:"first_connection_seconds"`
	Role                   string `json:"role"`
	ApplicationName        string `json:"application_name"`
	StatementTimeout       int    `json:"statement_timeout"`
	LockTimeout            int    `json:"lock_timeout"`

	Schema              string                `json:"schema"`
	TablePrefix         string                `json:"table_prefix"`
	SkipSchemaCreation  bool                  `json:"skip_schema_creation"`
	LowercaseNames      bool                  `json:"lowercase_names"`
	StreamNameSeparator string                `json:"stream_name_separator"`
	Naming              Naming                `json:"naming"`
	Compatibility       dialect.Compatibility `json:"compatibility"`
	// AirbyteCompatibleNames is nil where it was not given.
	AirbyteCompatibleNames *bool `json:"airbyte_compatible_names"`

	// TableSettings are those of all streams that have none of their own.
	TableSettings

	Streams map[string]Entry `json:"streams"`

	LogServerMessages bool   `json:"log_server_messages"`
	HashSalt          string `json:"hash_salt"`

	BatchMaxRows  int     `json:"batch_max_rows"`
	BatchMaxBytes int     `json:"batch_max_bytes"`
	BatchMaxAge   float64 `json:"batch_max_age"`
	Parallelism   int     `json:"parallelism"`

	StreamMaps      map[string]any `json:"stream_maps"`
	StreamMapConfig map[string]any `json:"stream_map_config"`

	StateTable bool   `json:"state_table"`
	StateID    string `json:"state_id"`
	LoadLog    bool   `json:"load_log"`

	// Notes are what a user of another target's settings should know, a sentence each.
	Notes []string `json:"-"`
	// GivenSchema is the setting schema as it was given, "" where it was not.
	GivenSchema string `json:"-"`
	// Changed says in words which settings differ from their defaults, without any text that was given.
	Changed string `json:"-"`

	// retyped is true once the run has changed the type of a column. Copies share it; nil without [New].
	retyped *atomic.Bool `json:"-"`
}

// SSHTunnel is the way through a bastion; see the settings ssh_tunnel.*.
type SSHTunnel struct {
	Enabled              bool   `json:"enabled"`
	Host                 string `json:"host"`
	Port                 int    `json:"port"`
	Username             string `json:"username"`
	PrivateKey           string `json:"private_key"`
	PrivateKeyFile       string `json:"private_key_file"`
	PrivateKeyPassphrase string `json:"private_key_passphrase"`
	Password             string `json:"password"`
	KnownHosts           string `json:"known_hosts"`
	HostKey              string `json:"host_key"`
}

// MigrationPolicy says what happens when a stream and its table differ; see the settings migration_policy.*.
type MigrationPolicy struct {
	NewStreams    NewStreamPolicy    `json:"new_streams"`
	NewFields     NewFieldPolicy     `json:"new_fields"`
	MissingFields MissingFieldPolicy `json:"missing_fields"`
	ChangedTypes  ChangedTypePolicy  `json:"changed_types"`
}

// New makes a Config of the settings given, which it changes: aliases are renamed and defaults filled in. The error is
// a *ConfigError that names the setting and the fix.
func New(spec *settings.Spec, given map[string]any) (*Config, error) {
	delete(given, settings.SchemaKey)
	spec.Undot(given)
	notes, err := translate(spec, given)
	if err != nil {
		return nil, err
	}
	if err := spec.Normalise(given); err != nil {
		return nil, err
	}
	if given["schema"] == "" { // other destinations write it so
		delete(given, "schema")
	}
	unused, err := undecidedTunnel(given)
	if err != nil {
		return nil, err
	}
	notes = append(notes, unused...)
	if _, err := dialect.TranslateAirbyte(given); err != nil {
		return nil, err
	}
	givenSchema, _ := given["schema"].(string)
	continueTables(given)
	open := leftOpen(given)
	spec.FillIn(given)
	data, err := json.Marshal(given)
	if err != nil {
		return nil, &failure.ConfigError{Reason: "the configuration is not JSON", Err: err}
	}
	// Once more through JSON, so that the validator and the struct see the same plain values from every source.
	var plain map[string]any
	if err := settings.Decode(data, &plain); err != nil {
		return nil, &failure.ConfigError{Reason: "the configuration is not JSON", Err: err}
	}
	if err := spec.Validate(plain); err != nil {
		return nil, err
	}
	cfg := &Config{retyped: new(atomic.Bool)}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(cfg); err != nil {
		return nil, unfitting(err)
	}
	if cfg.URL != "" || cfg.UsePGEnv {
		for _, leave := range open {
			leave(cfg)
		}
	}
	cfg.Notes, cfg.Changed, cfg.GivenSchema = notes, spec.Changed(given), givenSchema
	return cfg, cfg.check()
}

// undecidedTunnel refuses a bastion of which nothing says whether it is used: who fills one in expects it to be. To
// meltanolabs' target it then is not, so that a configuration which says that it is that target's goes on without, and
// is told.
func undecidedTunnel(given map[string]any) (notes []string, err error) {
	tunnel, _ := given["ssh_tunnel"].(map[string]any)
	_, said := tunnel["enabled"]
	if host, _ := tunnel["host"].(string); host == "" || said {
		return nil, nil
	}
	if given["compatibility"] == string(dialect.LikeMeltanolabs) {
		return []string{"the connection does not go through the bastion that ssh_tunnel.host names: ssh_tunnel.enable is missing, which " +
			"meltanolabs' target takes for false; set it to true to use the bastion"}, nil
	}
	return nil, &failure.ConfigError{
		Setting: "ssh_tunnel.enabled", Reason: "is missing, though ssh_tunnel.host names a bastion",
		Hint: "set it to true to connect through the bastion, or to false to connect without it",
	}
}

// unfitting is a value that the specification lets pass and the program cannot hold, such as a number beyond all
// bounds.
func unfitting(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return &failure.ConfigError{Setting: wrong.Field, Reason: "has a value that is too large or of another kind"}
	}
	return &failure.ConfigError{Reason: "the configuration does not fit spec.json"}
}

// leftOpen returns, for each setting of the connection that was not given and has a default, what leaves it open: a URL
// or the environment may say it.
func leftOpen(given map[string]any) []func(*Config) {
	var open []func(*Config)
	for name, leave := range map[string]func(*Config){
		"port":             func(c *Config) { c.Port = 0 },
		"connect_timeout":  func(c *Config) { c.ConnectTimeout = 0 },
		"application_name": func(c *Config) { c.ApplicationName = "" },
	} {
		if _, ok := given[name]; !ok {
			open = append(open, leave)
		}
	}
	return open
}

// check looks at what one JSON Schema cannot say: settings that need each other.
func (c *Config) check() error {
	if c.URL == "" && !c.UsePGEnv {
		for _, required := range []struct{ name, value string }{
			{"host", c.Host}, {"username", c.Username}, {"database", c.Database},
		} {
			if required.value == "" {
				return &failure.ConfigError{
					Setting: required.name,
					Reason:  "is missing",
					Hint:    "set it, or set url, or set use_pg_env to true to read the PG* variables",
				}
			}
		}
	}
	if c.SSHTunnel.Enabled && (c.SSHTunnel.Host == "" || c.SSHTunnel.Username == "") {
		return &failure.ConfigError{
			Setting: "ssh_tunnel",
			Reason:  "is enabled without host or username",
			Hint:    "set ssh_tunnel.host and ssh_tunnel.username",
		}
	}
	if err := c.checkStreams(); err != nil {
		return err
	}
	if err := c.checkStreamMaps(); err != nil {
		return err
	}
	if err := c.checkIndexes(); err != nil {
		return err
	}
	if err := c.checkPartitions(); err != nil {
		return err
	}
	return c.checkShapes()
}

// BatchAge is the setting batch_max_age as a duration.
func (c *Config) BatchAge() time.Duration {
	return time.Duration(c.BatchMaxAge * float64(time.Second))
}

// Connections is the setting parallelism. Two keep a server busy: what is copied waits for what is merged.
func (c *Config) Connections() int {
	const chosen, most = 2, 8
	if c.Parallelism == 0 {
		return chosen
	}
	return min(c.Parallelism, most)
}
