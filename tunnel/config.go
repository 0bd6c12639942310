package tunnel

import (
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"
)

const (
	defaultPort           = 22
	defaultKeepAlive      = 15 * time.Second
	defaultConnectTimeout = 30 * time.Second
)

// Config says how to reach a bastion. It prints and logs without its secrets.
type Config struct {
	Host     string // name or address of the bastion; required
	Port     int    // 0 means 22
	Username string // required

	// PrivateKey is the text of a key in PEM form; line breaks may be CRLF, the two characters \n, or, lost in a form
	// field, spaces. PrivateKeyFile is read when it is empty. Both may be encrypted.
	PrivateKey           string
	PrivateKeyFile       string
	PrivateKeyPassphrase string

	// Password answers the methods password and keyboard-interactive. With neither a key nor a password the agent at
	// SSH_AUTH_SOCK is asked.
	Password string

	// HostKey pins the bastion's key: key lines (authorized_keys or known_hosts style) or SHA256 fingerprints, any of
	// which will do. It wins over KnownHosts, the path or the text of a known_hosts file. With neither,
	// ~/.ssh/known_hosts counts if it knows the host, else the first key seen is trusted, and only it for as long as
	// the Tunnel lives.
	KnownHosts string
	HostKey    string

	KeepAlive      time.Duration // interval; 0 means 15 s, negative none
	ConnectTimeout time.Duration // to connect and authenticate; 0 means 30 s
}

func (c Config) withDefaults() (Config, error) {
	c.Host = strings.TrimSuffix(strings.TrimPrefix(c.Host, "["), "]")
	if c.Port == 0 {
		c.Port = defaultPort
	}
	if c.KeepAlive == 0 {
		c.KeepAlive = defaultKeepAlive
	}
	if c.ConnectTimeout <= 0 {
		c.ConnectTimeout = defaultConnectTimeout
	}
	isIPv6 := net.ParseIP(c.Host) != nil
	switch {
	case c.Host == "":
		return c, configError("the bastion's host is not given", "set ssh_tunnel.host")
	// Such a host is not repeated: a URL may carry a password.
	case strings.ContainsAny(c.Host, "@/ \t\r\n") || strings.Contains(c.Host, ":") && !isIPv6:
		return c, configError("the bastion's host is not a name or an address",
			"ssh_tunnel.host takes the host alone; user and port are ssh_tunnel.username and ssh_tunnel.port")
	case c.Username == "":
		return c, configError("the bastion's user is not given", "set ssh_tunnel.username")
	case c.Port < 0 || c.Port > 65535:
		return c, configError(fmt.Sprintf("the bastion's port %d is not a port", c.Port), "set ssh_tunnel.port")
	}
	return c, nil
}

// address is host:port of the bastion.
func (c Config) address() string { return net.JoinHostPort(c.Host, strconv.Itoa(c.Port)) }

// String names user and bastion, and keeps secrets out of %v and %s.
func (c Config) String() string { return c.Username + "@" + c.address() }

// GoString keeps secrets out of %#v.
func (c Config) GoString() string { return fmt.Sprintf("tunnel.Config{%q}", c.String()) }

// LogValue keeps secrets out of structured logs.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }
