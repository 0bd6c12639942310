package target

import (
	"fmt"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
)

// notReserved refuses a stream whose table would be one of the program's own.
func (t *Target) notReserved(s *stream) error {
	if s.rejects || s.schemaName != t.config.Schema || (s.tableName != stateTableName && s.tableName != rejectedTable) {
		return nil
	}
	return &failure.Error{
		Kind: failure.KindConfig, Stream: s.name, Reason: pgtx.Qualified(s.schemaName, s.tableName) + " is a table of the program's own",
		Hint: "give the stream another table, for example with " + s.setting("table", `"…"`),
	}
}

// notAnothers refuses a table that an earlier run has filled with another stream, if no setting asks for it and the names of
// both come to this table: case, a prefix or a length is all that they differ by. Airbyte's streams find a table of their own
// before ([Target.ownName]).
func (t *Target) notAnothers(s *stream, have *pgcatalog.Table) error {
	if s.airbyte || s.rejects || s.config.Table != "" || have == nil {
		return nil
	}
	owner := ownerOf(have.Comment)
	if owner == "" || s.isCalled(owner) {
		return nil
	}
	id := s.id
	id.Name = owner
	other := &stream{view: view{spec: &spec{id: id, name: owner, config: t.config.ForStream(id)}}}
	if schema, name := t.destination(other); schema != s.schemaName || name != s.tableName {
		return nil
	}
	return &failure.Error{
		Kind: failure.KindConfig, Stream: s.name,
		Reason: fmt.Sprintf("%s holds the rows of stream %q, whose name comes to the same table", merge.Name{Schema: s.schemaName, Table: s.tableName}.SQL(), owner),
		Hint:   "give one of them another table, for example with " + s.setting("table", `"…"`) + ", or name this one there to go on with it",
	}
}
