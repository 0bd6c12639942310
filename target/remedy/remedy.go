package remedy

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/target/pipeline"
	"target-postgres/typemap"
)

// deniedSQL finds the role and the object of a denial, by its kind ($1), its name ($2) and the schema of the stream's
// table ($3).
//
//go:embed sql/denied.sql
var deniedSQL string

// lacksSQL lists the kinds of privileges that the role lacks for a table ($2) of a schema ($1).
//
//go:embed sql/lacks.sql
var lacksSQL string

// For returns [Tell] with the settings of a run.
func For(c *config.Config) pipeline.Remedy {
	return func(ctx context.Context, conn *pgx.Conn, err error) error { return Tell(ctx, conn, c, err) }
}

// Tell completes the hint of an error about a missing privilege with the names of the role and of the object, for which
// it asks the server. The transaction that failed has been rolled back. It returns the error.
func Tell(ctx context.Context, conn *pgx.Conn, c *config.Config, err error) error {
	e, ok := errors.AsType[*failure.Error](err)
	if !ok || e.Denied == nil {
		return err
	}
	d := *e.Denied
	e.Denied = nil // it is told once
	if d.OfLogin() && d.Name == "" {
		d.Name = c.Role
	}
	if conn.PgConn().TxStatus() != 'I' {
		pgtx.Rollback(ctx, conn)
	}
	hint, askErr := askDenial(ctx, conn, c, &d)
	if askErr != nil || hint == "" {
		role := c.Role
		if role == "" || d.OfLogin() {
			role = conn.PgConn().ParameterStatus("session_authorization")
		}
		hint = d.Unasked(role)
	}
	e.Hint = hint
	return err
}

// askDenial returns the hint, "" where the server does not know the object.
func askDenial(ctx context.Context, conn *pgx.Conn, c *config.Config, d *failure.Denial) (string, error) {
	if d.Within {
		if err := askFunction(ctx, conn, c, d); err != nil {
			return "", err
		}
	}
	if d.Kind == "" && d.Within {
		return d.Remedy("", "", typemap.Quote(cmp.Or(c.Role, conn.PgConn().ParameterStatus("session_authorization")))), nil
	}
	if d.Kind == "" {
		kind, err := lacks(ctx, conn, c, d)
		if err != nil || kind == "" {
			return "", err
		}
		if d.Kind, d.Name = kind, d.Table; kind == failure.DeniedSchema {
			d.Name = d.Schema
		}
	}
	begin := c.Begin()
	if d.OfLogin() {
		begin = "BEGIN; " + merge.PinnedPath // the transaction of a role that may not be taken cannot begin
	}
	result, err := pgtx.Ask(ctx, conn, begin, pgtx.Fill(deniedSQL, string(d.Kind), d.Name, d.Schema))
	if err != nil || len(result.Rows) == 0 {
		return "", err
	}
	schema, name, owner, role := cells(result, 0), cells(result, 1), cells(result, 2), cells(result, 3)
	object := name // a function's, with the types of its arguments
	switch {
	case d.Kind == failure.DeniedFunction:
	case schema != "":
		object = pgtx.Qualified(schema, name)
	default:
		object = typemap.Quote(name)
	}
	return d.Remedy(object, typemap.Quote(owner), typemap.Quote(role)), nil
}

// askFunction has the server confirm the function of a denial, which came from the text of a context.
func askFunction(ctx context.Context, conn *pgx.Conn, c *config.Config, d *failure.Denial) error {
	result, err := pgtx.Ask(ctx, conn, c.Begin(), pgtx.Fill("SELECT to_regprocedure($1)", d.Function))
	if err != nil {
		return err
	}
	d.Function = cells(result, 0)
	return nil
}

// lacks returns the kind of what the role lacks first, "" if it lacks nothing that the server can tell.
func lacks(ctx context.Context, conn *pgx.Conn, c *config.Config, d *failure.Denial) (failure.DenialKind, error) {
	if d.Schema == "" {
		return "", nil
	}
	result, err := pgtx.Ask(ctx, conn, c.Begin(), pgtx.Fill(lacksSQL, d.Schema, d.Table))
	if err != nil || len(result.Rows) == 0 {
		return "", err
	}
	return failure.DenialKind(strings.TrimSpace(cells(result, 0))), nil
}

// cells is a column of the first row as text, "" for NULL.
func cells(result *pgconn.Result, column int) string { return string(result.Rows[0][column]) }
