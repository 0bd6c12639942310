package pgserver

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	superuser = "postgres"
	loopback  = "127.0.0.1"
)

// home is the directory of one server and the account that owns it.
type home struct {
	dir string
	as  *account
}

func (h home) data() string { return filepath.Join(h.dir, "data") }

// create makes the directory, private to the account, or takes over one that is empty or that an earlier create made.
// Anything else is refused, because the directory is about to change hands.
func (h home) create() error {
	if err := h.holdsNothingElse(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(h.dir), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(h.dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	f, err := os.Open(h.dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return errors.Join(f.Chmod(0o700), h.as.give(f))
}

// holdsNothingElse refuses a directory with files that no server of this package has made. One that does not exist is
// fine.
func (h home) holdsNothingElse() error {
	entries, err := os.ReadDir(h.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, entry := range entries {
		switch entry.Name() {
		case "data", "data.new", "password", "server.conf", "server.log", "server.log.old", "lock":
		case "PG_VERSION":
			return fmt.Errorf("%s is the data directory of another PostgreSQL; move it elsewhere, or use another directory", h.dir)
		default:
			return fmt.Errorf("%s holds other files (%s); move them elsewhere, or use another directory", h.dir, entry.Name())
		}
	}
	return nil
}

// write replaces one file of the directory, readable by the account only. Root follows no link on the way: the
// directory belongs to a user with fewer rights.
func (h home) write(name, content string, flag int) error {
	root, err := os.OpenRoot(h.dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|flag, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(content)
	return errors.Join(err, h.as.give(f), f.Close())
}

func (h home) read(name string) (string, error) {
	root, err := os.OpenRoot(h.dir)
	if err != nil {
		return "", err
	}
	defer func() { _ = root.Close() }()
	content, err := root.ReadFile(name)
	return string(content), err
}

// major is the version that made the cluster, 0 when there is none yet.
func (h home) major() (int, error) {
	text, err := h.read(filepath.Join("data", "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	major, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return 0, fmt.Errorf("%s holds no version PostgreSQL 10 or newer writes", filepath.Join(h.data(), "PG_VERSION"))
	}
	return major, nil
}

// password returns the password of a cluster that exists: the given one, else the one in the file.
func (h home) password(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	saved, err := h.read("password")
	if err != nil {
		return "", fmt.Errorf("the password of the cluster: %w", err)
	}
	return strings.TrimSpace(saved), nil
}

// newPassword writes the file for a cluster that is about to be made: the given password, else a random one.
func (h home) newPassword(given string) (string, error) {
	if strings.ContainsAny(given, "\r\n\x00") {
		return "", errors.New("the password for the new cluster holds a line break or NUL")
	}
	password := cmp.Or(given, rand.Text())
	return password, h.write("password", password+"\n", os.O_TRUNC)
}

// postmaster returns the process and the port in the cluster's lock file, which a crash leaves behind. A port of 0
// means that the server has not opened it yet. The error is fs.ErrNotExist when there is no server.
func (h home) postmaster() (pid, port int, err error) {
	text, err := h.read(filepath.Join("data", "postmaster.pid"))
	if err != nil {
		return 0, 0, err
	}
	lines := strings.Split(text, "\n")
	if pid, err = strconv.Atoi(strings.TrimSpace(lines[0])); err != nil || pid <= 0 {
		return 0, 0, fmt.Errorf("%s is damaged", filepath.Join(h.data(), "postmaster.pid"))
	}
	if len(lines) > 3 {
		port, _ = strconv.Atoi(strings.TrimSpace(lines[3]))
	}
	return pid, port, nil
}

// programs returns where the programs are that started the cluster last.
func (h home) programs() (string, error) {
	text, err := h.read(filepath.Join("data", "postmaster.opts"))
	if err != nil {
		return "", err
	}
	postgres, _, _ := strings.Cut(strings.TrimSpace(text), ` "`)
	return filepath.Dir(postgres), nil
}
