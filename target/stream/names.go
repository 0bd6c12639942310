package stream

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

// Unnameable says which name has the character, for a table that could not be prepared because of one.
func (s *Stream) Unnameable(err error) error {
	e := &failure.Error{
		Kind: failure.KindConfig, Stream: s.Name, Err: failure.WithCode(failure.SQLState(err)),
		Reason: fmt.Sprintf("the name of %s, or of one of its columns, has a character that the database's encoding lacks",
			pgtx.Qualified(s.SchemaName, s.TableName)),
		Hint: "load into a database whose encoding is UTF8, or give the table another name with " + s.Setting("table", `"…"`),
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return e
	}
	char := string(Character(pg))
	for _, name := range s.Names {
		if char != "" && strings.Contains(name, char) {
			e.Column, e.Reason = name, "the column's name has a character that the database's encoding lacks"
			e.Hint = "load into a database whose encoding is UTF8, or rename the field at its source"
			break
		}
	}
	return e
}

// IsCalled reports whether a name is the stream's. A connection that changed how it says namespaces has the same streams.
func (s *Spec) IsCalled(name string) bool {
	return name == s.Name || name == s.ID.Name || (s.ID.Namespace == "" && strings.HasSuffix(name, "."+s.ID.Name))
}

// Owns reports whether a table's comment names the stream.
func (s *Spec) Owns(table *pgcatalog.Table) bool {
	if table == nil {
		return false
	}
	owner := pgcatalog.OwnerOf(table.Comment)
	return owner != "" && s.IsCalled(owner)
}
