package target

import (
	"cmp"
	"fmt"
	"slices"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/batch"
	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// A table belongs to one stream, unless the setting streams.<name>.table names it for several of them. Their records are then
// encoded as if all were of the first of them, so that they lie in one batch in the order of the input and the last record of a
// key wins.

// claim is which stream has a table. given reports whether streams.<name>.table says so.
type claim struct {
	id    protocol.Stream
	given bool
}

// claim makes a table the stream's. It refuses one that another stream has, unless both are meant to share it.
func (t *Target) claim(s *stream) error {
	if err := t.notReserved(s); err != nil {
		return err
	}
	own := s.table()
	given := s.config.Table != ""
	other, taken := t.claims[own]
	if _, failed := t.committer.failures.of(other.id); taken && failed && given && other.given {
		taken = false
	}
	switch {
	case taken && other.id != s.id && given && other.given:
		lead := t.streams[other.id]
		if err := s.agreesWith(lead.spec); err != nil {
			return err
		}
		s.lead, lead.shared = &other.id, true
		return nil
	case taken && other.id != s.id:
		return &failure.Error{
			Kind: failure.KindConfig, Stream: s.name,
			Reason: fmt.Sprintf("streams %q and %q would both be loaded into %s", other.id, s.id, own.SQL()),
			Hint:   "give one of them another table, for example with " + s.setting("table", `"…"`),
		}
	}
	t.claims[own] = claim{id: s.id, given: given}
	for _, o := range t.order {
		if o.lead != nil && *o.lead == s.id {
			s.shared = true
			if err := s.agreesWith(o.spec); err != nil {
				return err
			}
		}
	}
	return nil
}

// agreesWith refuses to share a table with a stream where the one would remove or distort the other's rows.
func (s *spec) agreesWith(other *spec) error {
	var difference string
	snapshot := s.config.FullSnapshot || other.config.FullSnapshot
	column := func(a, b typemap.Field) int { return cmp.Compare(a.Name, b.Name) }
	switch {
	case s.mode != other.mode:
		difference = fmt.Sprintf("their load modes differ: %s and %s", other.mode, s.mode)
	case !slices.Contains([]merge.Mode{merge.Append, merge.Upsert, merge.SoftDelete}, s.mode):
		difference = fmt.Sprintf("in load mode %s each would end the other's rows", s.mode)
	case snapshot:
		difference = "with full_snapshot each would remove the other's rows"
	case s.truncates || other.truncates:
		difference = "a refresh of one would remove the other's rows"
	case !pgcatalog.SameNames(s.key, other.key):
		difference = "their keys differ"
	case s.schema.Patch != other.schema.Patch:
		difference = "only one of them sends partial records"
	case s.config.IgnoresConflicts(s.mode) != other.config.IgnoresConflicts(s.mode) || s.config.IgnoresMissing(s.mode) != other.config.IgnoresMissing(s.mode):
		difference = "they differ in on_conflict or on_missing"
	case s.cursor() != other.cursor():
		difference = "their cursors differ"
	case !slices.EqualFunc(slices.SortedFunc(slices.Values(s.fields), column), slices.SortedFunc(slices.Values(other.fields), column), sameField):
		difference = "their columns differ"
	default:
		return nil
	}
	return &failure.Error{
		Kind: failure.KindConfig, Stream: s.name,
		Reason: fmt.Sprintf("streams %q and %q cannot share %s: %s", other.id, s.id, pgtx.Qualified(s.schemaName, s.tableName), difference),
		Hint:   "give each of them a table of its own, with " + s.setting("table", `"…"`) + " for example, or let both agree in load_mode append, upsert or soft_delete",
	}
}

// leader is the stream as which the records of a stream are encoded: itself, unless it shares another one's table.
func (t *Target) leader(s *stream) *stream {
	if s.lead == nil {
		return s
	}
	return t.streams[*s.lead]
}

// shareRow notes whose the row is that was added last to the lead's batch.
func (s *stream) shareRow(owner *stream) {
	if len(s.sharers) == 0 {
		s.sharers = []*stream{s}
	}
	place := slices.IndexFunc(s.sharers, func(o *stream) bool { return o.id == owner.id })
	if place < 0 {
		place = len(s.sharers)
		s.sharers = append(s.sharers, owner)
	}
	s.sharers[place] = owner
	for len(s.batch.Owners) < len(s.batch.RowsAt)-1 {
		s.batch.Owners = append(s.batch.Owners, 0)
	}
	s.batch.Owners = append(s.batch.Owners, int32(place))
}

// owner is the stream that brought a row of the load.
func (l *load) owner(i int) *view {
	if i >= 0 && i < len(l.batch.Owners) && l.batch.Owners[i] > 0 {
		return l.sharers[l.batch.Owners[i]]
	}
	return l.stream
}

// owners are the streams that brought rows of the load.
func (l *load) owners() []*view {
	owners := []*view{l.stream}
	for i := range l.batch.Owners {
		if s := l.owner(i); !slices.ContainsFunc(owners, s.is) {
			owners = append(owners, s)
		}
	}
	return owners
}

// countOwners counts the rows of other streams than the load's own, once they are committed.
func (l *load) countOwners() {
	for i := range l.batch.Owners {
		if s := l.owner(i); !s.is(l.stream) {
			s.stats.loadedRecords.Add(1)
		}
	}
}

// ownerAt is the stream that brought the row at a position.
func (l *load) ownerAt(at batch.Position) *view { return l.owner(slices.Index(l.batch.RowsAt, at)) }
