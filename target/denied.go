package target

import (
	"context"
	_ "embed" // for the queries
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/typemap"
)

// deniedSQL finds the role and the object of a denial, by its kind ($1), its name ($2) and the schema of the stream's table ($3).
//
//go:embed sql/denied.sql
var deniedSQL string

// lacksSQL lists the kinds of privileges that the role lacks for a table ($2) of a schema ($1).
//
//go:embed sql/lacks.sql
var lacksSQL string

// remedyFor returns [tellRemedy] with the settings of a run.
func remedyFor(c *Config) remedy {
	return func(ctx context.Context, conn *pgx.Conn, err error) error { return tellRemedy(ctx, conn, c, err) }
}

// tellRemedy completes the hint of an error about a missing privilege with the names of the role and of the object, for which it
// asks the server. Whatever went wrong has been rolled back. It returns the error.
func tellRemedy(ctx context.Context, conn *pgx.Conn, c *Config, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.denied == nil {
		return err
	}
	d := *e.denied
	e.denied = nil // it is told once
	if conn.PgConn().TxStatus() != 'I' {
		rollback(ctx, conn)
	}
	hint, askErr := askDenial(ctx, conn, c, &d)
	if askErr != nil || hint == "" {
		role := c.Role
		if role == "" || d.kind == "role" {
			role = conn.PgConn().ParameterStatus("session_authorization")
		}
		hint = d.unasked(role)
	}
	e.Hint = hint
	return err
}

// askDenial returns the hint, "" where the server does not know the object.
func askDenial(ctx context.Context, conn *pgx.Conn, c *Config, d *denial) (string, error) {
	if d.kind == "" {
		kind, err := lacks(ctx, conn, c, d)
		if err != nil || kind == "" {
			return "", err
		}
		if d.kind, d.name = kind, d.table; kind == "schema" {
			d.name = d.schema
		}
	}
	begin := c.begin()
	if d.kind == "role" {
		begin = "BEGIN; " + merge.PinnedPath // the transaction of a role that may not be taken cannot begin
	}
	result, err := ask(ctx, conn, begin, fill(deniedSQL, d.kind, d.name, d.schema))
	if err != nil || len(result.Rows) == 0 {
		return "", err
	}
	schema, name, owner, role := cells(result, 0), cells(result, 1), cells(result, 2), cells(result, 3)
	object := name // a function's, with the types of its arguments
	switch {
	case d.kind == "function":
	case schema != "":
		object = qualified(schema, name)
	default:
		object = typemap.Quote(name)
	}
	return d.remedy(object, typemap.Quote(owner), typemap.Quote(role)), nil
}

// lacks returns the kind of what the role lacks first, "" if it lacks nothing that the server can tell.
func lacks(ctx context.Context, conn *pgx.Conn, c *Config, d *denial) (string, error) {
	if d.schema == "" {
		return "", nil
	}
	result, err := ask(ctx, conn, c.begin(), fill(lacksSQL, d.schema, d.table))
	if err != nil || len(result.Rows) == 0 {
		return "", err
	}
	return strings.TrimSpace(cells(result, 0)), nil
}

// cells is a column of the first row as text, "" for NULL.
func cells(result *pgconn.Result, column int) string { return string(result.Rows[0][column]) }

// dbError is [dbError] for a statement about the stream's table, or a table beside it.
func (s *stream) dbError(doing string, err error) error {
	return concerning(s.schemaName, s.tableName, dbError(s.name, doing, err))
}
