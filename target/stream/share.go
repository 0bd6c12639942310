package stream

import (
	"cmp"
	"fmt"
	"slices"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// A table belongs to one stream, unless the setting streams.<name>.table names it for several of them. Their records are then
// encoded as if all were of the first of them, so that they lie in one batch in the order of the input and the last record of a
// key wins.

// Claim is which stream has a table. given reports whether streams.<name>.table says so.
type Claim struct {
	ID    protocol.Stream
	Given bool
}

// AgreesWith refuses to share a table with a stream where the one would remove or distort the other's rows.
func (s *Spec) AgreesWith(other *Spec) error {
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
	case s.cursor() != other.cursor():
		difference = "their cursors differ"
	case !slices.EqualFunc(slices.SortedFunc(slices.Values(s.Fields), column), slices.SortedFunc(slices.Values(other.Fields), column), sameField):
		difference = "their columns differ"
	default:
		return nil
	}
	return &failure.Error{
		Kind: failure.KindConfig, Stream: s.Name,
		Reason: fmt.Sprintf("streams %q and %q cannot share %s: %s", other.ID, s.ID, pgtx.Qualified(s.SchemaName, s.TableName), difference),
		Hint:   "give each of them a table of its own, with " + s.Setting("table", `"…"`) + " for example, or let both agree in load_mode append, upsert or soft_delete",
	}
}

// ShareRow notes whose the row is that was added last to the lead's batch.
func (s *Stream) ShareRow(owner *Stream) {
	if len(s.Sharers) == 0 {
		s.Sharers = []*Stream{s}
	}
	place := slices.IndexFunc(s.Sharers, func(o *Stream) bool { return o.ID == owner.ID })
	if place < 0 {
		place = len(s.Sharers)
		s.Sharers = append(s.Sharers, owner)
	}
	s.Sharers[place] = owner
	for len(s.Batch.Owners) < len(s.Batch.RowsAt)-1 {
		s.Batch.Owners = append(s.Batch.Owners, 0)
	}
	s.Batch.Owners = append(s.Batch.Owners, int32(place))
}
