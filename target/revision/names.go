package revision

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

// Unnameable is the error of a table that could not be prepared because the database's encoding lacks a character of
// its name, or of a column's. It says which name that is, as far as err does, which is the server's.
func (s *Spec) Unnameable(err error) error {
	e := &failure.Error{
		Blame: failure.Configuration, Stream: s.Name, Err: failure.WithCode(failure.SQLState(err)),
		Reason: fmt.Sprintf("the name of %s, or of one of its columns, has a character that the database's encoding lacks",
			pgtx.Qualified(s.SchemaName, s.TableName)),
		Hint: "load into a database whose encoding is UTF8, or give the table another name with " + s.Setting("table", `"…"`),
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return e
	}
	char := string(failure.Character(pg))
	for _, name := range s.Names {
		if char != "" && strings.Contains(name, char) {
			e.Column, e.Reason = name, "the column's name has a character that the database's encoding lacks"
			e.Hint = "load into a database whose encoding is UTF8, or rename the field at its source"
			break
		}
	}
	return e
}

// IsCalled reports whether a name is the stream's. A connection that changed how it says namespaces has the same
// streams.
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

// An identity column (GENERATED … AS IDENTITY) takes the values that the stream brings. Where a record brings none the
// server numbers the row, as it does for every other writer.

// Own is a column of the stream's own table, the zero column if there is none.
func (s *Revision) Own(name string) pgcatalog.Column {
	i := slices.IndexFunc(s.columns, func(c pgcatalog.Column) bool { return c.Name == name })
	if i < 0 {
		return pgcatalog.Column{}
	}
	return s.columns[i]
}

// Identify tells the merge which columns of its target are identities. Tables beside the stream's own have none.
func (s *Revision) Identify(job *merge.Job) {
	if job.Target.Table != s.TableName || job.Target.Schema != s.SchemaName {
		return
	}
	job.Columns, job.Key = s.identities(job.Columns), s.identities(job.Key)
}

func (s *Revision) identities(columns []merge.Column) []merge.Column {
	columns = slices.Clone(columns)
	for i, c := range columns {
		identity := s.Own(c.Name).Identity
		columns[i].Identity, columns[i].Always = identity != "", identity == "a"
	}
	return columns
}
