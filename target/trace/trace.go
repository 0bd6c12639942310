package trace

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// tracing is where a connection keeps the log of its statements, if DEBUG asks for one.
const tracing = "connect.statements"

// Statement begins to time statements that are sent below pgx, as one string, and returns what to call with their
// outcome. It does nothing unless the log has the level DEBUG. The literals of a statement are left out: they may be
// values.
func Statement(conn *pgx.Conn, sql string) func(error) {
	log, _ := conn.PgConn().CustomData()[tracing].(*slog.Logger)
	if log == nil {
		return func(error) {}
	}
	began := time.Now()
	return func(err error) { logStatement(log, sql, began, err) }
}

// Connections has the connections of a configuration log what is sent through pgx, and through [Trace].
func Connections(config *pgx.ConnConfig, log *slog.Logger) {
	if !log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	config.Tracer = &statements{log: log}
	next := config.AfterConnect
	config.AfterConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		conn.CustomData()[tracing] = log
		if next != nil {
			return next(ctx, conn)
		}
		return nil
	}
}

// statements is a pgx.QueryTracer.
type statements struct{ log *slog.Logger }

type statementKey struct{}

// statement is one that is under way.
type statement struct {
	sql   string
	began time.Time
}

// TraceQueryStart implements pgx.QueryTracer.
func (*statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, statementKey{}, statement{sql: data.SQL, began: time.Now()})
}

// TraceQueryEnd implements pgx.QueryTracer.
func (s *statements) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	if one, ok := ctx.Value(statementKey{}).(statement); ok {
		logStatement(s.log, one.sql, one.began, data.Err)
	}
}

func logStatement(log *slog.Logger, sql string, began time.Time, err error) {
	about := []any{"seconds", time.Since(began).Round(time.Microsecond).Seconds(), "sql", shortened(withoutLiterals(sql))}
	if err != nil {
		about = append(about, "failed", true)
	}
	log.Debug("statement", about...)
}

// longestShown is how much of one statement is shown, in bytes. Those that ask the catalog have pages.
const longestShown = 600

// shortened cuts each of several statements to a length that can be read, and leaves out the settings with which every
// transaction begins.
func shortened(sql string) string {
	var shown []string
	for one := range strings.SplitSeq(sql, "; ") {
		if strings.HasPrefix(one, "SET LOCAL ") {
			continue
		}
		if len(one) > longestShown {
			one = strings.ToValidUTF8(one[:longestShown], "") + "…"
		}
		shown = append(shown, one)
	}
	return strings.Join(shown, "; ")
}

// withoutLiterals is SQL on one line, with ? in the place of every string. Names in double quotes stay.
func withoutLiterals(sql string) string {
	var out strings.Builder
	for i := 0; i < len(sql); {
		end, literal := token(sql, i)
		switch {
		case literal:
			out.WriteByte('?')
		case strings.HasPrefix(sql[i:], "--"):
			out.WriteByte(' ')
		default:
			out.WriteString(sql[i:end])
		}
		i = end
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// token returns the end of what begins at i: a string, a name in quotes, a comment to the end of its line, or one byte.
// It reports whether that is a string.
func token(sql string, i int) (end int, literal bool) {
	rest := sql[i:]
	switch {
	case rest[0] == '\'':
		return i + quotedEnd(rest, '\'', escapesBefore(sql[:i])), true
	case rest[0] == '"':
		return i + quotedEnd(rest, '"', false), false
	case rest[0] == '$':
		if tag := dollarTag(rest); tag != "" {
			if length := strings.Index(rest[len(tag):], tag); length >= 0 {
				return i + length + 2*len(tag), true
			}
			return len(sql), true
		}
	case strings.HasPrefix(rest, "--"):
		if line := strings.IndexByte(rest, '\n'); line >= 0 {
			return i + line, false
		}
		return len(sql), false
	}
	return i + 1, false
}

// escapesBefore reports whether the quote after the text begins a string with backslashes: a word of its own, E.
func escapesBefore(text string) bool {
	if !strings.HasSuffix(text, "E") && !strings.HasSuffix(text, "e") {
		return false
	}
	before := text[:len(text)-1]
	return before == "" || !inWord(before[len(before)-1])
}

// inWord reports whether a byte can be part of a name without quotes, after its first.
func inWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 || c >= '0' && c <= '9'
}

// quotedEnd is the length of a text in quotes, in which two quotes are one.
func quotedEnd(text string, quote byte, escapes bool) int {
	for i := 1; i < len(text); i++ {
		switch {
		case escapes && text[i] == '\\':
			i++
		case text[i] == quote && i+1 < len(text) && text[i+1] == quote:
			i++
		case text[i] == quote:
			return i + 1
		}
	}
	return len(text)
}

// dollarTag is the opening of a string in dollar quotes, empty where a dollar is none: that of $1.
func dollarTag(text string) string {
	for i := 1; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '$':
			return text[:i+1]
		case inWord(c) && (i > 1 || c < '0' || c > '9'):
		default:
			return ""
		}
	}
	return ""
}
