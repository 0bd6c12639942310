package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgserver"
	"target-postgres/target"
	"target-postgres/typemap"
)

// embedded is the server of --embedded.
type embedded struct {
	program *Program
	server  *pgserver.Server
}

// startEmbedded starts the server, or finds it running, and points the settings at it.
func (p *Program) startEmbedded(ctx context.Context, given map[string]any, log *slog.Logger) (*embedded, error) {
	server, err := pgserver.Start(ctx, pgserver.Options{
		Durable: true,
		Logf:    func(format string, args ...any) { log.Info(fmt.Sprintf(format, args...)) },
	})
	if err != nil {
		return nil, fmt.Errorf("--embedded: %w", err)
	}
	for _, name := range []string{"host", "port", "username", "user", "password", "database", "dbname", "ssh_tunnel", "ssl_mode"} {
		delete(given, name)
	}
	given["url"] = server.URL
	log.Info("embedded PostgreSQL is running", "version", server.Version, "data", server.DataDir)
	return &embedded{program: p, server: server}, nil
}

// sampleRows is how many rows of a table are shown.
const sampleRows = 5

// show prints what the run loaded: a few rows of every table and a count, and how to look further.
func (e *embedded) show(ctx context.Context, run *target.Target) error {
	conn, err := pgx.Connect(ctx, e.server.URL)
	if err != nil {
		return fmt.Errorf("look at what was loaded: %w", err)
	}
	defer conn.Close(ctx)
	for _, t := range run.Tables() {
		if err := e.showTable(ctx, conn, t); err != nil {
			return err
		}
	}
	fmt.Fprintf(e.program.Stderr, `
The server keeps running, its data is in %s. To look:
  PGPASSWORD=$(cat '%s') psql '%s'
To stop it: target-postgres embedded stop
`, e.server.DataDir, filepath.Join(e.server.DataDir, "password"), withoutPassword(e.server.URL))
	return nil
}

// withoutPassword is a URL to print: what is printed may end in a log that others read.
func withoutPassword(connString string) string {
	u, err := url.Parse(connString)
	if err != nil || u.User == nil {
		return ""
	}
	u.User = url.User(u.User.Username())
	return u.String()
}

func (e *embedded) showTable(ctx context.Context, conn *pgx.Conn, t target.Table) error {
	name := typemap.Quote(t.Schema) + "." + typemap.Quote(t.Name)
	var count int64
	if err := conn.QueryRow(ctx, "SELECT pg_catalog.count(*) FROM "+name).Scan(&count); err != nil {
		return fmt.Errorf("count the rows of %s: %w", name, err)
	}
	rows, err := conn.Query(ctx, fmt.Sprintf("SELECT * FROM %s LIMIT %d", name, sampleRows), pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return fmt.Errorf("look at %s: %w", name, err)
	}
	defer rows.Close()
	fmt.Fprintf(e.program.Stderr, "\n%s: %d rows\n", name, count)
	w := tabwriter.NewWriter(e.program.Stderr, 0, 0, 2, ' ', 0)
	for i, field := range rows.FieldDescriptions() {
		fmt.Fprint(w, strings.Repeat("\t", min(i, 1)), field.Name)
	}
	fmt.Fprintln(w)
	for rows.Next() {
		for i, value := range rows.RawValues() {
			fmt.Fprint(w, strings.Repeat("\t", min(i, 1)), cell(value))
		}
		fmt.Fprintln(w)
	}
	return errors.Join(rows.Err(), w.Flush())
}

// widestCell keeps one long text from pushing the others off the screen.
const widestCell = 24

// cell is a value as text, on one line.
func cell(value []byte) string {
	if value == nil {
		return "∅"
	}
	text := []rune(strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, string(value)))
	if len(text) > widestCell {
		return string(text[:widestCell-1]) + "…"
	}
	return string(text)
}

// embeddedCommand is `target-postgres embedded stop`.
func (p *Program) embeddedCommand(ctx context.Context, args []string) error {
	if len(args) != 1 || args[0] != "stop" {
		return &usageError{"embedded knows one command: embedded stop"}
	}
	server, err := pgserver.Running(ctx, "")
	if errors.Is(err, pgserver.ErrNotRunning) {
		fmt.Fprintln(p.Stderr, "the embedded PostgreSQL is not running")
		return nil
	}
	if err != nil {
		return err
	}
	if err := server.Stop(ctx); err != nil {
		return err
	}
	fmt.Fprintf(p.Stderr, "stopped the embedded PostgreSQL; its data stays in %s\n", server.DataDir)
	return nil
}
