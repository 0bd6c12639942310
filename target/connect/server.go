package connect

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/target/libpq"
)

// server is one host of the settings, ready to be connected to.
type server struct {
	host   string
	place  string // host:port, or the path of a socket; for errors
	config *pgx.ConnConfig
	p      libpq.Params
	mode   libpq.TLSMode // after the rules of newTLS
}

// newServers makes a server of each host. As in libpq there are as many ports as hosts, or one for all.
func newServers(p libpq.Params, env libpq.Environment, tunnelled bool, log *slog.Logger) ([]*server, *Error) {
	hosts, ports := strings.Split(p.Get("host"), ","), strings.Split(p.Get("port"), ",")
	if len(ports) > 1 && len(ports) != len(hosts) {
		return nil, configError(p.Source("port", "port"),
			fmt.Sprintf("has %d ports for %d hosts", len(ports), len(hosts)), "give one port for all or one for each")
	}
	session, err := sessionCheck(p, len(hosts) > 1)
	if err != nil {
		return nil, err
	}
	security, err := newTLS(p, env, log)
	if err != nil {
		return nil, err
	}
	checkPassfile(p, log)
	servers := make([]*server, 0, len(hosts))
	for i, host := range hosts {
		s, err := newServer(p, host, ports[min(i, len(ports)-1)])
		if err != nil {
			return nil, err
		}
		if tunnelled && s.isSocket() && runtime.GOOS == "windows" {
			return nil, configError(p.Source("host", "host"), "is a Unix socket, which a tunnel from Windows does not reach", "")
		}
		s.secure(security)
		s.config.ValidateConnect = session
		servers = append(servers, s)
	}
	return servers, nil
}

func newServer(p libpq.Params, host, portText string) (*server, *Error) {
	host = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(host), "["), "]")
	if host == "" {
		host = libpq.DefaultHost
	}
	if err := checkHost(p, host); err != nil {
		return nil, err
	}
	port, err := parsePort(p, portText)
	if err != nil {
		return nil, err
	}
	config, err := pgxConfig(p, host, strconv.Itoa(int(port)))
	if err != nil {
		return nil, err
	}
	_, place := pgconn.NetworkAddress(host, port)
	return &server{host: host, place: place, config: config, p: p}, nil
}

// checkHost refuses what is no host, without repeating it: it may be a whole URL,
// with its password, in the wrong setting.
func checkHost(p libpq.Params, host string) *Error {
	address, _, _ := strings.Cut(host, "%") // the zone of an IPv6 address
	switch {
	case isSocketDir(host):
		return nil
	case strings.ContainsAny(host, "@/?= \t\r\n"),
		strings.Contains(host, ":") && net.ParseIP(address) == nil:
		return configError(p.Source("host", "host"), "holds more than the name or address of a host",
			"port, username, password and database have settings of their own, and a URL belongs in url")
	}
	return nil
}

func parsePort(p libpq.Params, text string) (uint16, *Error) {
	if text == "" {
		return libpq.DefaultPort, nil
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		hint := ""
		if p.Source("port", "port") == libpq.SourceURL {
			hint = libpq.EscapeURL
		}
		return 0, configError(p.Source("port", "port"), "has a port that is not a number from 1 to 65535", hint)
	}
	return uint16(port), nil
}

func isSocketDir(host string) bool {
	network, _ := pgconn.NetworkAddress(host, libpq.DefaultPort)
	return network == "unix"
}

func (s *server) isSocket() bool { return isSocketDir(s.host) }

// sessionCheck is target_session_attrs. With several hosts it is not any, as in libpq, but read-write, since a load
// that lands on a standby can only fail.
func sessionCheck(p libpq.Params, several bool) (pgconn.ValidateConnectFunc, *Error) {
	switch p.Get("target_session_attrs") {
	case "":
		if several {
			return pgconn.ValidateConnectTargetSessionAttrsReadWrite, nil
		}
		return nil, nil
	case "any":
		return nil, nil
	case "read-write":
		return pgconn.ValidateConnectTargetSessionAttrsReadWrite, nil
	case "primary":
		return primaryOnly, nil
	}
	return nil, configError(p.Source("target_session_attrs", ""), "has a target_session_attrs that a load cannot use",
		"it needs a server that can be written to: any, read-write or primary")
}

// primaryOnly is pgx's check for a primary with its function qualified: the role's search_path may lead to another one.
func primaryOnly(ctx context.Context, conn *pgconn.PgConn) error {
	results, err := conn.Exec(ctx, "SELECT pg_catalog.pg_is_in_recovery()").ReadAll()
	if err != nil {
		return err
	}
	if string(results[0].Rows[0][0]) == "t" {
		return errors.New("server is in recovery mode")
	}
	return nil
}

// checkPassfile leaves the password file out where libpq does: when others can read it.
func checkPassfile(p libpq.Params, log *slog.Logger) {
	path := p.Get("passfile")
	if path == "" || p.Get("password") != "" || runtime.GOOS == "windows" {
		return
	}
	info, err := os.Stat(path)
	if err != nil {
		return
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 {
		log.Warn("password file is not read because others can read it; chmod 600 it", "path", path)
		delete(p, "passfile")
	}
}
