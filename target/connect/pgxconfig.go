package connect

import (
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"target-postgres/target/libpq"
)

// neutral holds every keyword that pgx would otherwise take from a PG* variable or from a file in the home directory,
// at the value that changes nothing. ParseConfig is the only way to make a Config, and it always reads them; what a
// connection string says comes before what they say.
var neutral = map[string]string{
	"host": libpq.DefaultHost, "port": "5432", "user": "", "password": "", "dbname": "", "passfile": "",
	"application_name": "", "timezone": "", "options": "", "connect_timeout": "0",
	"sslmode": "disable", "sslrootcert": "", "sslcert": "", "sslkey": "", "sslpassword": "",
	"sslcertmode": "allow", "sslsni": "1", "sslnegotiation": "postgres",
	"target_session_attrs": "any", "channel_binding": "prefer", "require_auth": "",
	"min_protocol_version": "", "max_protocol_version": "",
}

// forPgx are the keywords whose meaning is left to pgx.
var forPgx = []string{
	"user", "password", "dbname", "passfile", "sslcertmode", "sslnegotiation",
	"channel_binding", "require_auth", "min_protocol_version", "max_protocol_version",
}

// pgxConfig makes the configuration of one host, but for what TLS and dialling need. The settings that pgx finds by
// itself have no effect.
func pgxConfig(p libpq.Params, host, port string) (*pgx.ConnConfig, *Error) {
	explicit := maps.Clone(neutral)
	explicit["host"], explicit["port"] = host, port
	for _, keyword := range forPgx {
		if value := p.Get(keyword); value != "" {
			explicit[keyword] = value
		}
	}
	remove, err := muteService(explicit)
	if err != nil {
		return nil, err
	}
	defer remove()
	config, parseErr := pgx.ParseConfig(join(explicit))
	if parseErr != nil {
		return nil, blame(p, explicit)
	}
	config.RuntimeParams = startup(p)
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.StatementCacheCapacity, config.DescriptionCacheCapacity = 0, 0
	tellListeners(&config.Config)
	config.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &canceller{conn: conn}
	}
	return config, nil
}

// startup are the startup parameters: those that PgBouncer always takes, and options if the user asked for it.
func startup(p libpq.Params) map[string]string {
	parameters := map[string]string{
		"application_name": p.ApplicationName(),
		"client_encoding":  "UTF8",
		"TimeZone":         "UTC",
	}
	if options := p.Get("options"); options != "" {
		parameters["options"] = options
	}
	return parameters
}

// muteService keeps pgx from the service that PGSERVICE names. A service cannot be unset, only be another one: an empty
// one, in a file of our own.
func muteService(explicit map[string]string) (remove func(), failed *Error) {
	if os.Getenv("PGSERVICE") == "" {
		return func() {}, nil
	}
	const empty = "none"
	file, err := os.CreateTemp("", "pg_service-*.conf")
	if err == nil {
		_, err = file.WriteString("[" + empty + "]\n")
		if closeErr := file.Close(); err == nil {
			err = closeErr
		}
	}
	if err != nil {
		return nil, &Error{
			Step: StepConfigure, Setting: "PGSERVICE", Err: libpq.WithoutPath(err),
			Reason: "cannot be put out of force without a temporary file: " + libpq.WithoutPath(err).Error(),
			Hint:   "unset it, or set TMPDIR to a directory that can be written to",
		}
	}
	explicit["service"], explicit["servicefile"] = empty, file.Name()
	return func() { _ = os.Remove(file.Name()) }, nil
}

// join writes a keyword string.
func join(explicit map[string]string) string {
	escape := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	var b strings.Builder
	for _, keyword := range slices.Sorted(maps.Keys(explicit)) {
		b.WriteString(keyword + "='" + escape.Replace(explicit[keyword]) + "' ")
	}
	return b.String()
}

// blame finds the keyword that pgx refuses. Its own error is of no use: it repeats the connection string.
func blame(p libpq.Params, explicit map[string]string) *Error {
	for _, keyword := range forPgx {
		if p.Get(keyword) == "" {
			continue
		}
		single := maps.Clone(neutral)
		for _, constant := range []string{"service", "servicefile"} {
			if value, ok := explicit[constant]; ok {
				single[constant] = value
			}
		}
		single["user"], single[keyword] = "user", p.Get(keyword)
		if _, err := pgx.ParseConfig(join(single)); err != nil {
			return configError(p.Source(keyword, ""), "has a "+keyword+" with a value that does not exist",
				"see the parameter key words in PostgreSQL's documentation of libpq")
		}
	}
	return configError(libpq.SourceURL, "has parameters that contradict each other", "check min_protocol_version and max_protocol_version")
}
