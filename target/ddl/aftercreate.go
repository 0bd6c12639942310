package ddl

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

// runAfterCreate runs it with the search_path that the role has in any other client.
func (m *Migrator) runAfterCreate(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, p *migrate.Plan) error {
	if _, err := conn.Exec(ctx, "SAVEPOINT before_after_create; "+merge.RolePath); err != nil {
		return err
	}
	if _, err := conn.PgConn().Exec(ctx, p.AfterCreate).ReadAll(); err != nil {
		return afterCreateError(want, p.AfterCreate, err)
	}
	if _, err := conn.Exec(ctx, "RELEASE SAVEPOINT before_after_create"); err != nil {
		if code := failure.SQLState(err); code != pgerrcode.NoActiveSQLTransaction && code != pgerrcode.InvalidSavepointSpecification {
			return err
		}
		return &failure.Error{
			Blame: failure.Configuration, Stream: want.Stream, Reason: "after_create ended the transaction that it is a part of",
			Hint: "remove COMMIT and ROLLBACK from it, and check the table, which may be incomplete",
		}
	}
	p.Notes = append(p.Notes, "ran after_create")
	_, err := conn.Exec(ctx, merge.PinnedPath)
	return err
}

// afterCreateError names the setting; what may go better another time stays transient. Of the SQL itself nothing is
// repeated: it may hold a password.
func afterCreateError(want migrate.TableSpec, sql string, err error) error {
	converted := failure.Concerning(want.Schema, want.Name, failure.FromServer(want.Stream, "after_create", err))
	var e *failure.Error
	if !errors.As(converted, &e) || e.Blame == failure.Connection {
		return converted
	}
	if pg := failure.ServerError(err); pg.Code != "" {
		e.Reason = "after_create: " + ownWords(pg) + lineIn(sql, int(pg.Position))
	}
	return &failure.Error{
		Blame: failure.Configuration, Stream: want.Stream, Reason: e.Reason, Err: e.Err,
		Hint: fmt.Sprintf("the table was not created; correct the setting after_create (for all streams, or in %s), --dry-run prints what it runs", config.StreamEntry(want.Stream, "…")),
	}
}

// ownWords is what the server says of SQL that it refuses, where that names objects and privileges only. A syntax error
// quotes the SQL, and so do a name that is none and a value that an option does not take.
func ownWords(pg *pgconn.PgError) string {
	switch pg.Code {
	case pgerrcode.SyntaxError:
		return "a syntax error, or a text or name without its end"
	case pgerrcode.UndefinedTable, pgerrcode.UndefinedObject, pgerrcode.UndefinedFunction, pgerrcode.InvalidSchemaName,
		pgerrcode.DuplicateTable, pgerrcode.DuplicateObject, pgerrcode.DuplicateColumn, pgerrcode.InsufficientPrivilege,
		pgerrcode.DependentObjectsStillExist, pgerrcode.InvalidParameterValue, pgerrcode.FeatureNotSupported,
		pgerrcode.ActiveSQLTransaction, pgerrcode.ObjectInUse, pgerrcode.WrongObjectType,
		pgerrcode.InvalidTableDefinition, pgerrcode.InvalidObjectDefinition:
		if detail := failure.SafeDetail(pg); detail != "" { // there is no row yet that it could speak of
			return failure.SafeMessage(pg) + ": " + failure.OneLine(detail)
		}
		return failure.SafeMessage(pg)
	case pgerrcode.UndefinedColumn:
		return "a column does not exist; a text stands in single quotes"
	default:
		return "the server refuses the statement"
	}
}

// lineIn says where in the SQL of a setting the server found a fault, "" if it did not say.
func lineIn(sql string, position int) string {
	runes := []rune(sql)
	if position < 1 || position > len(runes)+1 {
		return ""
	}
	before := string(runes[:position-1])
	column := position - len([]rune(before[:strings.LastIndexByte(before, '\n')+1]))
	return fmt.Sprintf(", in line %d of it at character %d", 1+strings.Count(before, "\n"), column)
}

// reshape runs after_create and looks at what it left.
func (m *Migrator) reshape(ctx context.Context, conn *pgx.Conn, want migrate.TableSpec, policy config.MigrationPolicy, p *migrate.Plan) error {
	if err := m.runAfterCreate(ctx, conn, want, p); err != nil {
		return err
	}
	have, err := m.cache.Refresh(ctx, conn, pgcatalog.Query{Schema: want.Schema, Name: want.Name})
	if err != nil {
		return err
	}
	return reshaped(have, want, policy)
}

// reshaped reports whether what it left will do.
func reshaped(have *pgcatalog.Table, want migrate.TableSpec, policy config.MigrationPolicy) error {
	if have == nil {
		return &failure.Error{
			Blame: failure.Configuration, Stream: want.Stream, Reason: "after_create left no table " + pgtx.Qualified(want.Schema, want.Name),
			Hint: "if it replaces the table, it must give the new one the name {table}",
		}
	}
	if _, err := migrate.Diff(have, want, policy); err != nil {
		return failure.InStream(want.Stream, err)
	}
	for _, c := range want.Columns {
		if have.Column(c.Name) == nil {
			return &failure.Error{
				Blame: failure.Configuration, Stream: want.Stream, Column: c.Name, Reason: "after_create left the table without this column",
				Hint: "if it replaces the table, let it create the new one LIKE {table}",
			}
		}
	}
	return nil
}
