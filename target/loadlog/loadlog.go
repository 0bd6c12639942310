package loadlog

import (
	"context"
	"crypto/rand"
	_ "embed"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/goccy/go-json"
	"github.com/jackc/pgx/v5"

	"target-postgres/merge"
	"target-postgres/target/comments"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/typemap"
)

// TableName is the table of the load log.
const TableName = "_singular_loads"

//go:embed sql/write.sql
var writeSQL string

// Log is the load log as one run writes it.
type Log struct {
	Table merge.Name
	// run tells the runs apart, id the pipelines.
	run, id string
	started time.Time
	readers []string
	log     *slog.Logger
}

// New is the load log of a run that began at some time, nil unless the setting load_log asks for it.
func New(c *config.Config, log *slog.Logger, started time.Time) *Log {
	if !c.LoadLog {
		return nil
	}
	return &Log{
		Table: merge.Name{Schema: c.OwnSchema(), Table: TableName},
		run:   strings.ToLower(rand.Text()), id: c.StateID, started: started, readers: c.GrantSelectTo, log: log,
	}
}

// Row is what became of one stream.
type Row struct {
	Stream    string  `json:"stream"`
	Table     *string `json:"table_name"`
	Mode      string  `json:"load_mode"`
	Read      int64   `json:"read"`
	Inserted  int64   `json:"inserted"`
	Updated   int64   `json:"updated"`
	Unchanged int64   `json:"unchanged"`
	Deleted   int64   `json:"deleted"`
	Rejected  int64   `json:"rejected"`
	// Bytes are those of the records in the input.
	Bytes int64 `json:"bytes"`
	// Error is why the stream, or the run, failed; nil if neither did.
	Error *string `json:"error"`
}

// TableSpec is what the table looks like.
func (l *Log) TableSpec() migrate.TableSpec {
	count := func(name, description string) migrate.Column {
		return migrate.Column{Name: name, Type: typemap.BigInt, Description: description}
	}
	text := func(name, description string) migrate.Column {
		return migrate.Column{Name: name, Type: typemap.Text, Description: description}
	}
	spec := migrate.TableSpec{
		Schema: l.Table.Schema, Name: l.Table.Table, Stream: l.Table.Table, Mode: merge.Upsert, Key: []string{"run_id", "stream"}, Own: true,
		Comment: "The loads of each stream, one row a run, " + comments.MadeByUs, Readers: l.readers,
		Columns: []migrate.Column{
			text("run_id", "the same for all streams of a run"), text("state_id", "setting state_id"), text("stream", "name at the source"),
			text("table_name", "NULL for a stream that got none"), text("load_mode", ""),
			{Name: "started_at", Type: typemap.TimestampTZ, Description: "when the run began"},
			{Name: "finished_at", Type: typemap.TimestampTZ, Description: "when the run was about to commit for the last time"},
			count("read", "records"), count("inserted", "rows"), count("updated", "rows"), count("unchanged", "records that wrote no row"),
			count("deleted", "rows"), count("rejected", "records"), count("bytes", "of the records in the input"),
			text("error", "why the stream or the run failed, NULL if neither did"),
		},
	}
	for i := range spec.Columns {
		if name := spec.Columns[i].Name; name == "run_id" || name == "stream" {
			spec.Columns[i].Clause = "NOT NULL"
		}
	}
	return spec
}

// Write writes the rows in the open transaction.
func (l *Log) Write(ctx context.Context, conn *pgx.Conn, rows []Row) error {
	if len(rows) == 0 {
		return nil
	}
	if _, err := conn.Exec(ctx, merge.PinnedPath); err != nil {
		return err
	}
	if conn.PgConn().ParameterStatus("server_encoding") == "UTF8" {
		return l.insert(ctx, conn, rows)
	}
	if _, err := conn.Exec(ctx, "SAVEPOINT load_log_texts"); err != nil {
		return err
	}
	err := l.insert(ctx, conn, rows)
	for _, names := range []bool{false, true} {
		if !failure.Untranslatable(err) {
			return err
		}
		if _, err := conn.Exec(ctx, "ROLLBACK TO SAVEPOINT load_log_texts"); err != nil {
			return err
		}
		err = l.insert(ctx, conn, inASCII(rows, names))
	}
	return err
}

func (l *Log) insert(ctx context.Context, conn *pgx.Conn, rows []Row) error {
	data, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("load log: %w", err)
	}
	_, err = conn.Exec(ctx, strings.ReplaceAll(writeSQL, "$table", l.Table.SQL()), l.run, l.id, time.Since(l.started).Seconds(), string(data))
	return err
}

// inASCII are the rows for a database whose encoding lacks a character of their errors, or also of their names.
func inASCII(rows []Row, names bool) []Row {
	plain := make([]Row, 0, len(rows))
	for _, row := range rows {
		if names {
			row.Stream, row.Table = ascii(row.Stream), optional(row.Table)
		}
		row.Error = optional(row.Error)
		plain = append(plain, row)
	}
	return plain
}

func optional(text *string) *string {
	if text == nil {
		return nil
	}
	plain := ascii(*text)
	return &plain
}

// ascii writes what is beyond ASCII as JSON's escapes do, and the dots of our own messages as three.
func ascii(text string) string {
	var b strings.Builder
	for _, r := range strings.ReplaceAll(text, "…", "...") {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// TryWrite is Write in a savepoint: if the server refuses the rows that is a warning, and the transaction goes on
// without them.
func (l *Log) TryWrite(ctx context.Context, conn *pgx.Conn, rows []Row) error {
	if _, err := conn.Exec(ctx, "SAVEPOINT load_log"); err != nil {
		return err
	}
	end := "RELEASE SAVEPOINT load_log"
	if err := l.Write(ctx, conn, rows); Refused(err) {
		l.Warn(err)
		end = "ROLLBACK TO SAVEPOINT load_log"
	} else if err != nil {
		return err
	}
	_, err := conn.Exec(ctx, end)
	return err
}

// Refused reports whether the server refuses the rows, so that trying again would not help.
func Refused(err error) bool {
	return failure.SQLState(err) != "" && !failure.Transient(failure.FromServer("", "", err))
}

// Warn says why the rows were not written.
func (l *Log) Warn(err error) {
	l.log.Warn("the load log was not written", "table", l.Table.SQL(), "because", failure.SafeMessage(failure.ServerError(err)))
}

// DBError is [failure.FromServer] for the table of the load log.
func (l *Log) DBError(doing string, err error) error {
	return failure.Concerning(l.Table.Schema, l.Table.Table, failure.FromServer("", doing, err))
}
