package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"target-postgres/internal/logging"
	"target-postgres/target/check"
	"target-postgres/target/config"
)

// initial are the settings that init writes, in their order.
type initial struct {
	Editors  string `json:"$schema"`
	URL      string `json:"url,omitempty"`
	Host     string `json:"host,omitempty"`
	Port     int    `json:"port,omitempty"`
	Username string `json:"username,omitempty"`
	Password string `json:"password,omitempty"`
	Database string `json:"database,omitempty"`
	Schema   string `json:"schema,omitempty"`
	SSLMode  string `json:"ssl_mode,omitempty"`
}

// schemaFile is the JSON Schema that init puts beside the configuration.
const schemaFile = "target-postgres.schema.json"

const initUsage = `target-postgres init makes a configuration, and checks it before it is written.

On a terminal it asks for the settings that no flag gives. The password may also
be in the variable TARGET_POSTGRES_PASSWORD.

      --host, --port, --username, --password, --database, --schema, --ssl-mode
                     settings of those names
      --url URL      where the server is, instead of those
      --output PATH  file to write, or a directory (default config.json)
      --force        overwrite an existing configuration
`

// initialise makes a configuration.
func (p *Program) initialise(ctx context.Context, args []string) error {
	var a initial
	output, force, err := p.initFlags(args, &a)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(p.Stdout, initUsage)
		return nil
	}
	if err != nil {
		return err
	}
	if info, err := os.Stat(output); err == nil && info.IsDir() || strings.HasSuffix(output, string(os.PathSeparator)) {
		output = filepath.Join(output, "config.json")
	}
	for _, name := range []string{output, filepath.Join(filepath.Dir(output), schemaFile)} {
		if !force && p.inTheWay(name) {
			return fmt.Errorf("init: %s already exists; give --force to overwrite it, or another --output", name)
		}
	}
	if err := p.ask(&a); err != nil {
		return err
	}
	return p.withSignals(ctx, func(ctx context.Context, _ *signals) error {
		if err := p.proveInitial(ctx, a); err != nil {
			return err
		}
		return p.writeInitial(a, output)
	})
}

// inTheWay reports whether there is a file that init would change. The schema of another configuration is the same.
func (p *Program) inTheWay(name string) bool {
	if _, err := os.Lstat(name); err != nil {
		return false
	}
	if filepath.Base(name) != schemaFile {
		return true
	}
	have, unread := os.ReadFile(name)
	schema, err := p.editorsSchema()
	return unread != nil || err != nil || !bytes.Equal(have, schema)
}

// editorsSchema is what the schema's file holds.
func (p *Program) editorsSchema() ([]byte, error) {
	spec, err := p.Spec()
	if err != nil {
		return nil, err
	}
	schema, err := spec.JSONSchema()
	return append(schema, '\n'), err
}

func (p *Program) initFlags(args []string, a *initial) (output string, force bool, err error) {
	set := flag.NewFlagSet("init", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	for name, into := range map[string]*string{
		"url": &a.URL, "host": &a.Host, "username": &a.Username, "password": &a.Password, "database": &a.Database, "schema": &a.Schema, "ssl-mode": &a.SSLMode,
	} {
		set.StringVar(into, name, "", "")
	}
	set.IntVar(&a.Port, "port", 0, "")
	set.StringVar(&output, "output", "config.json", "")
	set.BoolVar(&force, "force", false, "")
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return "", false, err
		}
		return "", false, wrongFlag(err)
	}
	if set.NArg() > 0 {
		return "", false, &usageError{"unexpected argument " + shown(set.Arg(0))}
	}
	if a.Password == "" && !a.urlHasPassword() {
		a.Password = p.Getenv(variablePrefix + "PASSWORD")
	}
	return cmp.Or(output, "config.json"), force, nil
}

// proveInitial runs check. It logs each step that fails.
func (p *Program) proveInitial(ctx context.Context, a initial) error {
	spec, err := p.Spec()
	if err != nil {
		return err
	}
	data, err := json.Marshal(a) //nolint:gosec // it goes nowhere but to the settings
	if err != nil {
		return err
	}
	given := map[string]any{}
	if fault := decodeObject(data, given); fault != nil {
		return fault
	}
	cfg, err := config.New(spec, given)
	if err != nil {
		return err
	}
	log := slog.New(logging.NewSingerHandler(p.Stderr, logging.IsTerminal(p.Stderr), p.Getenv))
	err = check.Run(ctx, cfg, log, func(step string, took time.Duration) {
		fmt.Fprintf(p.Stderr, "%-8s ok (%d ms)\n", step, took.Milliseconds())
	})
	if err != nil {
		return fmt.Errorf("init: nothing is written, because the check failed: %w", err)
	}
	return nil
}

// writeInitial writes the configuration, which no other user may read, and the schema beside it.
func (p *Program) writeInitial(a initial, output string) error {
	schema, err := p.editorsSchema()
	if err != nil {
		return err
	}
	a.Editors = "./" + schemaFile
	var written bytes.Buffer
	to := json.NewEncoder(&written)
	to.SetIndent("", "  ")
	to.SetEscapeHTML(false)              // people read and change the parameters of a URL
	if err := to.Encode(a); err != nil { //nolint:gosec // the file is for its owner alone
		return err
	}
	dir := filepath.Dir(output)
	err = os.MkdirAll(dir, 0o750)
	if err == nil {
		err = replaceFile(filepath.Join(dir, schemaFile), schema, 0o644)
	}
	if err == nil {
		err = replaceFile(output, written.Bytes(), 0o600)
	}
	if err != nil {
		return fmt.Errorf("init: %w; give another place with --output", err)
	}
	_, err = fmt.Fprintf(p.Stdout, "wrote %s; load with: some-tap | target-postgres --config %s\n", output, shellWord(output))
	return err
}

// shellWord is a name as a shell takes it for one word.
func shellWord(name string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+,:@%", r)
	}
	if runtime.GOOS == "windows" || !strings.ContainsFunc(name, func(r rune) bool { return !plain(r) }) {
		return name
	}
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}

// replaceFile writes a file as a whole, with these permissions, even if it existed with others.
func replaceFile(name string, data []byte, mode os.FileMode) error {
	file, err := os.CreateTemp(filepath.Dir(name), ".target-postgres-*")
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	err = errors.Join(err, file.Chmod(mode), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}
