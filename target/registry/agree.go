package registry

import (
	"cmp"
	"fmt"
	"slices"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/target/revision"
	"target-postgres/typemap"
)

// A table belongs to one stream, unless the setting streams.<name>.table names it for several of them. Their records
// are then encoded as if all were of the first of them, so that they lie in one batch in the order of the input and the
// last record of a key wins.

// claim is which stream has a table. given reports whether streams.<name>.table says so.
type claim struct {
	ID    protocol.Stream
	Given bool
}

// agreesWith refuses to share a table with a stream where the one would remove or distort the other's rows.
func agreesWith(s, other *revision.Spec) error {
	var difference string
	snapshot := s.Config.FullSnapshot || other.Config.FullSnapshot
	column := func(a, b typemap.Field) int { return cmp.Compare(a.Name, b.Name) }
	switch {
	case s.Mode != other.Mode:
		difference = fmt.Sprintf("their load modes differ: %s and %s", other.Mode, s.Mode)
	case !slices.Contains([]merge.Mode{merge.Append, merge.Upsert, merge.SoftDelete}, s.Mode):
		difference = fmt.Sprintf("in load mode %s each would end the other's rows", s.Mode)
	case snapshot:
		difference = "with full_snapshot each would remove the other's rows"
	case s.Truncates || other.Truncates:
		difference = "a refresh of one would remove the other's rows"
	case !pgcatalog.SameNames(s.Key, other.Key):
		difference = "their keys differ"
	case s.Schema.Patch != other.Schema.Patch:
		difference = "only one of them sends partial records"
	case s.Config.IgnoresConflicts(s.Mode) != other.Config.IgnoresConflicts(s.Mode) || s.Config.IgnoresMissing(s.Mode) != other.Config.IgnoresMissing(s.Mode):
		difference = "they differ in on_conflict or on_missing"
	case s.Cursor() != other.Cursor():
		difference = "their cursors differ"
	case !slices.EqualFunc(slices.SortedFunc(slices.Values(s.Fields), column), slices.SortedFunc(slices.Values(other.Fields), column), revision.SameField):
		difference = "their columns differ"
	default:
		return nil
	}
	return &failure.Error{
		Blame: failure.Configuration, Stream: s.Name,
		Reason: fmt.Sprintf("streams %q and %q cannot share %s: %s", other.ID, s.ID, pgtx.Qualified(s.SchemaName, s.TableName), difference),
		Hint:   "give each of them a table of its own, with " + s.Setting("table", `"…"`) + " for example, or let both agree in load_mode append, upsert or soft_delete",
	}
}
