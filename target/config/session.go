package config

import (
	"fmt"
	"strings"
	"time"

	"target-postgres/merge"
	"target-postgres/target/connect"
	"target-postgres/tunnel"
	"target-postgres/typemap"
)

// pinned are the settings that a transaction must not take from the role, the database or an earlier user of the
// session. The search_path protects the loader from operators and functions that others create in a schema of the
// role's path. The other settings change how values are read, printed, compared or found.
// (docs/adr/0018-pinned-settings.md) They are written short: a server shows the first 1,024 bytes of the message that
// they are in (pg_stat_activity), and COPY comes after them.
var pinned = "SET LOCAL " + strings.Join([]string{
	"standard_conforming_strings=on",
	"TimeZone=UTC",
	"timezone_abbreviations='Default'",
	"DateStyle=ISO,MDY",
	"IntervalStyle=postgres",
	"extra_float_digits=1",
	"bytea_output=hex",
	"xmloption=content",
	"array_nulls=on",
	"quote_all_identifiers=off",
	"gin_fuzzy_search_limit=0",
	"jit=off",
}, "; SET LOCAL ") + "; " + merge.PinnedPath

// Begin starts a transaction that depends on nothing in the session: a pooler may have given it to anyone before.
func (c *Config) Begin() string {
	var b strings.Builder
	b.WriteString("BEGIN ISOLATION LEVEL READ COMMITTED; " + pinned)
	if c.retyped != nil && c.retyped.Load() {
		b.WriteString("; DISCARD PLANS")
	}
	if c.Role != "" {
		b.WriteString("; SET LOCAL ROLE " + typemap.Quote(c.Role))
	}
	if c.StatementTimeout > 0 {
		fmt.Fprintf(&b, "; SET LOCAL statement_timeout TO '%ds'", c.StatementTimeout)
	}
	if c.LockTimeout > 0 {
		fmt.Fprintf(&b, "; SET LOCAL lock_timeout TO '%ds'", c.LockTimeout)
	}
	return b.String()
}

// Retyped says that a column has another type now. A function in PL/pgSQL that a trigger calls keeps the plans of its
// expressions, for the types that its row had, and fails for another type: from now on every transaction makes them
// anew. Which session ran the trigger before is not known where a pooler shares them.
func (c *Config) Retyped() {
	if c.retyped != nil {
		c.retyped.Store(true)
	}
}

// Connection is the part of the configuration that package connect works from.
func (c *Config) Connection() connect.Config {
	cfg := connect.Config{
		Host: c.Host, Port: c.Port, Username: c.Username, Password: c.Password, Database: c.Database,
		URL: c.URL, UsePGEnv: c.UsePGEnv,
		UseTLS: c.UseTLS, SSLMode: c.SSLMode, SSLRootCert: c.SSLRootCert,
		SSLCert: c.SSLCert, SSLKey: c.SSLKey, SSLKeyPassphrase: c.SSLKeyPassphrase,
		ConnectTimeout:  time.Duration(c.ConnectTimeout) * time.Second,
		ApplicationName: c.ApplicationName,
	}
	if c.SSHTunnel.Enabled {
		cfg.Tunnel = &tunnel.Config{
			Host: c.SSHTunnel.Host, Port: c.SSHTunnel.Port, Username: c.SSHTunnel.Username,
			PrivateKey: c.SSHTunnel.PrivateKey, PrivateKeyFile: c.SSHTunnel.PrivateKeyFile,
			PrivateKeyPassphrase: c.SSHTunnel.PrivateKeyPassphrase, Password: c.SSHTunnel.Password,
			KnownHosts: c.SSHTunnel.KnownHosts, HostKey: c.SSHTunnel.HostKey,
			ConnectTimeout: cfg.ConnectTimeout,
		}
	}
	return cfg
}
