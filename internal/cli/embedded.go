package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"slices"
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
	start := p.startServer
	if start == nil {
		start = pgserver.Start
	}
	server, err := start(ctx, pgserver.Options{
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
	log.Info("embedded PostgreSQL is running", "version", server.Version)
	return &embedded{program: p, server: server}, nil
}

// sampleRows is how many rows of a table are shown.
const sampleRows = 5

// show prints what the run loaded: a few rows of every table and a count.
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
	return nil
}

// keepsRunning says how to look at what is in the server, and how to get rid of it: also after a run that failed, since
// the server is left then, too.
func (e *embedded) keepsRunning() {
	fmt.Fprintf(e.program.Stderr, `
The server keeps running. Its data is in %[1]s. To look at it with psql or another client:
  PGPASSWORD=$(cat '%[2]s') psql '%[3]s'
To stop it:
  %[4]s embedded stop
To remove it with all its data:
  %[4]s embedded remove
`, e.server.DataDir, filepath.Join(e.server.DataDir, "password"), withoutPassword(e.server.URL), invokedAs(e.program.Name))
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

// invokedAs is what to type to call the program again. The program of `go run` is gone when it ends, so that the
// command is `go run .` there.
func invokedAs(program string) string {
	if strings.Contains(filepath.ToSlash(program), "/go-build") {
		return "go run ."
	}
	if strings.ContainsAny(program, " \t'\"$") {
		return "target-postgres"
	}
	return cmp.Or(program, "target-postgres")
}

// embeddedCommand is `target-postgres embedded stop` and `target-postgres embedded remove`.
func (p *Program) embeddedCommand(ctx context.Context, args []string) error {
	switch {
	case slices.Equal(args, []string{"stop"}):
		return p.embeddedStop(ctx)
	case slices.Equal(args, []string{"remove"}):
		return p.embeddedRemove(ctx)
	default:
		return &usageError{"embedded knows two commands: embedded stop and embedded remove"}
	}
}

func (p *Program) embeddedStop(ctx context.Context) error {
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

func (p *Program) embeddedRemove(ctx context.Context) error {
	data, err := pgserver.Remove(ctx, "")
	if err != nil {
		return fmt.Errorf("remove the embedded PostgreSQL: %w", err)
	}
	programs, err := pgserver.RemovePrograms()
	return p.tellRemoved(slices.Concat(data, programs), err)
}

// tellRemoved says what was removed. Programs that tests still use are left to them: the server and its data, which the
// command is about, are gone.
func (p *Program) tellRemoved(removed []string, err error) error {
	for _, dir := range removed {
		fmt.Fprintf(p.Stderr, "removed %s\n", dir)
	}
	if errors.Is(err, pgserver.ErrProgramsInUse) {
		fmt.Fprintln(p.Stderr, "kept the programs that were fetched, because tests still use them; to remove them, run the command again when the tests have ended")
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove the programs that were fetched: %w", err)
	}
	if len(removed) == 0 {
		fmt.Fprintln(p.Stderr, "there is no embedded PostgreSQL to remove")
	}
	return nil
}
