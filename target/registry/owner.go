package registry

import (
	"fmt"
	"slices"
	"strings"

	"target-postgres/target/failure"
	"target-postgres/target/loadlog"
	"target-postgres/target/naming"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/target/revision"
	"target-postgres/target/statetable"
	"target-postgres/target/stream"
	"target-postgres/typemap"
)

// notReserved refuses a stream whose table would be one of the program's own.
func (r *Registry) notReserved(s *stream.Stream) error {
	if s.Rejects || s.SchemaName != r.config.OwnSchema() || !slices.Contains([]string{statetable.Name, revision.RejectedTable, loadlog.TableName}, s.TableName) {
		return nil
	}
	return &failure.Error{
		Blame: failure.Configuration, Stream: s.Name, Reason: pgtx.Qualified(s.SchemaName, s.TableName) + " is a table of the program's own",
		Hint: "give the stream another table, for example with " + s.Setting("table", `"…"`),
	}
}

// NotAnothers refuses a table that an earlier run has filled with another stream, if no setting asks for it. A stream
// that is called otherwise since is still the same if only what stands before the last part of its name has changed,
// and its former name no longer comes to this table. Airbyte's streams find a table of their own before
// ([Registry.place]).
func (r *Registry) NotAnothers(s *stream.Stream, have *pgcatalog.Table) error {
	if s.Airbyte || s.Rejects || s.Config.Table != "" || have == nil {
		return nil
	}
	owner := pgcatalog.OwnerOf(have.Comment)
	if owner == "" || s.IsCalled(owner) {
		return nil
	}
	id := s.ID
	id.Name = owner
	other := &revision.Spec{ID: id, Name: owner, Config: r.config.ForStream(id), Mapped: r.config.StreamMap(id)}
	why := ""
	switch {
	case naming.Of(r.config, named(other)) == s.OwnTable():
		why = ", whose name comes to the same table"
	case lastPart(owner) == lastPart(s.ID.Name):
		return nil
	}
	return &failure.Error{
		Blame: failure.Configuration, Stream: s.Name,
		Reason: fmt.Sprintf("%s holds the rows of stream %q%s", pgtx.Qualified(s.SchemaName, s.TableName), owner, why),
		Hint:   "give one of them another table, for example with " + s.Setting("table", `"…"`) + ", or name this one there to go on with it",
	}
}

// lastPart is a stream's name without its namespaces, in snake case.
func lastPart(name string) string {
	return typemap.SnakeCase(name[strings.LastIndexAny(name, "-.:/")+1:])
}
