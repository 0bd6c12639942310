package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// initialize makes the cluster. It appears under its name only when complete, so that a killed initdb is no obstacle.
func (h home) initialize(ctx context.Context, in install, port int, password string, extra ...string) (*Server, error) {
	fresh := filepath.Join(h.dir, "data.new")
	if err := os.RemoveAll(fresh); err != nil {
		return nil, err
	}
	password, err := h.newPassword(password)
	if err != nil {
		return nil, err
	}
	args := append([]string{
		"--pgdata=" + fresh, "--username=" + superuser, "--encoding=UTF8", "--locale=C",
		"--auth=scram-sha-256", "--pwfile=" + filepath.Join(h.dir, "password"),
	}, extra...)
	if in.major >= 17 {
		// Code point order as with C, but upper and lower case beyond ASCII, independent of the system's library.
		args = append(args, "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
	}
	if _, err := in.run(ctx, h.as, h.dir, "initdb", args...); err != nil {
		return nil, fmt.Errorf("create a PostgreSQL %d cluster in %s: %w%s", in.major, h.dir, err, h.reachHint(err))
	}
	// Relative, so that the directory may be moved; last, so that it wins.
	include := "\ninclude_if_exists = '../server.conf'\n"
	if err := h.write(filepath.Join("data.new", "postgresql.conf"), include, os.O_APPEND); err != nil {
		return nil, err
	}
	return newServer(h, in, port, password), os.Rename(fresh, h.data())
}

// reachHint explains the one failure that only root meets.
func (h home) reachHint(err error) string {
	if h.as == nil || !errors.Is(err, fs.ErrPermission) {
		return ""
	}
	return fmt.Sprintf(" (PostgreSQL does not run as root; it runs as %s, which must be able to reach this directory: "+
		"choose one outside of /root and of other private directories)", h.as)
}

// configure writes the settings of the next start.
func (s *Server) configure(kind, wanted map[string]string) error {
	settings := map[string]string{}
	maps.Copy(settings, kind)
	maps.Copy(settings, wanted)
	settings["listen_addresses"] = loopback
	settings["unix_socket_directories"] = ""
	settings["password_encryption"] = "scram-sha-256"
	settings["port"] = strconv.Itoa(s.port)
	var conf strings.Builder
	conf.WriteString("# Written at every start; ALTER SYSTEM outlives it.\n")
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if strings.ContainsAny(name+settings[name], "\n\r\x00") {
			return fmt.Errorf("setting %q holds a line break", name)
		}
		fmt.Fprintf(&conf, "%s = '%s'\n", name, confEscape.Replace(settings[name]))
	}
	return s.home.write("server.conf", conf.String(), os.O_TRUNC)
}

var confEscape = strings.NewReplacer(`'`, `''`, `\`, `\\`)
