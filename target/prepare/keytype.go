package prepare

import (
	"context"
	"fmt"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"target-postgres/target/failure"
	"target-postgres/target/migrate"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/target/stream"
	"target-postgres/typemap"
)

// checkKey refuses a column of the key by whose values rows cannot be matched, because its type has no equality or no
// order. The column is one that the table has, or of the type that it is to have.
func (p *Preparer) checkKey(ctx context.Context, conn *pgx.Conn, s *stream.Stream, want migrate.TableSpec, have *pgcatalog.Table) error {
	if !s.Keyed() {
		return nil
	}
	types := map[string]typemap.Type{}
	for _, c := range want.Columns {
		types[c.Name] = c.Type
	}
	if have != nil {
		for _, c := range have.Columns {
			types[c.Name] = c.Type()
		}
	}
	for _, column := range want.Key {
		t := types[column]
		if !mayLackOrder(t) {
			continue
		}
		_, err := pgtx.Ask(ctx, conn, p.Config.Begin(), fmt.Sprintf("SELECT DISTINCT NULL::%s AS key ORDER BY key", t.DDL()))
		switch code := failure.SQLState(err); {
		case code == pgerrcode.UndefinedFunction:
			return &failure.Error{
				Blame: failure.Configuration, Stream: s.Name, Column: column, Err: failure.WithCode(code),
				Reason: fmt.Sprintf("the key has type %s, by which rows cannot be told apart", t.DDL()),
				Hint:   "give the column another type, such as text or jsonb, or " + s.KeyHint(),
			}
		case code == "" && err != nil:
			return err
		}
	}
	return nil
}

// mayLackOrder reports whether only the server knows if values of the type can be compared.
func mayLackOrder(t typemap.Type) bool {
	switch t.Kind {
	case typemap.KindOther, typemap.KindJSON, typemap.KindArray:
		return true
	default:
		return false
	}
}
