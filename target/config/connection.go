package config

import (
	"time"

	"target-postgres/target/connect"
	"target-postgres/tunnel"
)

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
