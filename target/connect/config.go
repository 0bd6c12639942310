package connect

import (
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"target-postgres/target/libpq"
	"target-postgres/tunnel"
)

// Config says how to reach a database. The zero value of a field leaves it to the URL, then, with UsePGEnv, to the
// service file and the PG* variables, then to the default. A caller that fills in defaults overrides the URL.
// It prints and logs without its secrets.
type Config struct {
	// Host is a name, an address, the directory of a Unix socket, or several of them with commas between. Default
	// localhost.
	Host     string
	Port     int    // default 5432
	Username string // required; with UsePGEnv the user of this process by default
	Password string
	Database string // default: the server's, which is named as the user

	// URL is a libpq URI (several hosts included), a SQLAlchemy one (postgresql+psycopg2://) or a libpq keyword string.
	// With several hosts the first one that can be written to is taken, unless the URL says target_session_attrs=any.
	URL string

	// UsePGEnv reads what libpq reads: the PG* variables, the password file,
	// the service file and the files in ~/.postgresql.
	UsePGEnv bool

	// UseTLS encrypts when the server offers it and verifies nothing, as SSLMode "prefer" does. A URL that asks for
	// require or more is obeyed.
	UseTLS bool

	// SSLMode is disable, allow, prefer, require, verify-ca or verify-full; it wins over UseTLS and the URL. Without
	// all of them the connection is not encrypted. As with libpq, require together with a root certificate verifies as
	// verify-ca does, and the root certificate "system" means verify-full. Unlike libpq, allow and prefer never verify
	// (a failed verification would only make them fall back to no encryption at all), and the verifying modes use the
	// system's authorities where no root certificate is given.
	SSLMode libpq.TLSMode

	// SSLRootCert, SSLCert and SSLKey are PEM text (line breaks may be the two characters \n) or paths. Without
	// SSLRootCert the system's authorities are trusted. A key may be encrypted: PKCS#8 (PBES2) or the older OpenSSL
	// format. A key file must be private, as libpq demands.
	SSLRootCert, SSLCert, SSLKey, SSLKeyPassphrase string

	// Tunnel is the bastion to go through. The database's host is then resolved by the bastion, and TLS is verified
	// against that host.
	Tunnel *tunnel.Config

	// ConnectTimeout bounds tunnel, TCP, TLS and login together, for each host.
	// Default 30 s.
	ConnectTimeout  time.Duration
	ApplicationName string // default "target-postgres"
}

// String names host, user and database, and keeps secrets out of %v and %s.
func (c Config) String() string {
	if c.URL != "" {
		return "url"
	}
	return fmt.Sprintf("user=%s host=%s port=%d dbname=%s", c.Username, c.Host, c.Port, c.Database)
}

// GoString keeps secrets out of %#v.
func (c Config) GoString() string { return fmt.Sprintf("connect.Config{%q}", c.String()) }

// LogValue keeps secrets out of structured logs.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// settings are the fields that were given, as libpq's keywords.
func (c Config) settings() libpq.Params {
	p := libpq.Params{}
	p.Set("host", c.Host, "host")
	if c.Port != 0 {
		p.Set("port", strconv.Itoa(c.Port), "port")
	}
	p.Set("user", c.Username, "username")
	p.Set("password", c.Password, "password")
	p.Set("dbname", c.Database, "database")
	p.Set("sslmode", string(c.SSLMode), "ssl_mode")
	p.Set("sslrootcert", c.SSLRootCert, "ssl_root_cert")
	p.Set("sslcert", c.SSLCert, "ssl_cert")
	p.Set("sslkey", c.SSLKey, "ssl_key")
	p.Set("sslpassword", c.SSLKeyPassphrase, "ssl_key_passphrase")
	p.Set("application_name", c.ApplicationName, "application_name")
	return p
}
