package registry

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"target-postgres/merge"
	"target-postgres/protocol"
	"target-postgres/target/config"
	"target-postgres/target/failure"
	"target-postgres/target/naming"
	"target-postgres/target/pgtx"
	"target-postgres/target/revision"
	"target-postgres/target/stream"
)

// claim makes a table the stream's. It refuses one that another stream has, unless both are meant to share it.
func (r *Registry) claim(s *stream.Stream) error {
	if err := r.notReserved(s); err != nil {
		return err
	}
	own := s.OwnTable()
	given := s.Config.Table != ""
	other, taken := r.claims[own]
	if !given && !taken && r.Existing != nil && r.streams[s.ID] == nil {
		have, err := r.existing(s.Name, own)
		if err == nil {
			err = r.NotAnothers(s, have)
		}
		if err != nil {
			return err // before the table is claimed, which is its owner's
		}
	}
	if taken && r.Failed(other.ID) && given && other.Given {
		taken = false
	}
	switch {
	case taken && other.ID != s.ID && given && other.Given:
		lead := r.streams[other.ID]
		if err := agreesWith(s.Spec, lead.Spec); err != nil {
			return err
		}
		s.Lead, lead.Shared = &other.ID, true
		return nil
	case taken && other.ID != s.ID:
		return &failure.Error{
			Blame: failure.Configuration, Stream: s.Name,
			Reason: fmt.Sprintf("streams %q and %q would both be loaded into %s", other.ID, s.ID, own.SQL()),
			Hint:   "give one of them another table, for example with " + s.Setting("table", `"…"`),
		}
	}
	if err := r.sharesWithAbsent(s); err != nil {
		return err
	}
	r.claims[own] = claim{ID: s.ID, Given: given}
	for _, o := range r.order {
		if o.Lead != nil && *o.Lead == s.ID {
			s.Shared = true
			if err := agreesWith(s.Spec, o.Spec); err != nil {
				return err
			}
		}
	}
	return nil
}

// sharesWithAbsent marks a stream as one that shares its table if the settings name that table for other streams, too,
// even if none of them comes in this run: the table may have their rows. Two entries may name it, or one with a glob. A
// load mode that removes the rows of the absent stream is refused if an entry names that stream.
func (r *Registry) sharesWithAbsent(s *stream.Stream) error {
	if s.Config.Table == "" {
		return nil
	}
	other := ""
	for _, pattern := range slices.Sorted(maps.Keys(r.config.Streams)) {
		switch entry := r.config.Streams[pattern]; {
		case entry.Table == "":
		case config.IsFor(pattern, s.ID):
			s.Shared = s.Shared || isGlob(pattern) && entry.Table == s.Config.Table
		case r.placeOf(pattern, s) == s.OwnTable():
			s.Shared = true
			if other == "" && !isGlob(pattern) {
				other = pattern
			}
		}
	}
	var difference string
	switch {
	case other == "":
		return nil
	case s.Mode == merge.Replace:
		difference = "load mode replace would remove the other's rows"
	case s.Config.FullSnapshot:
		difference = "full_snapshot would remove the other's rows"
	case s.Truncates:
		difference = "a refresh of one would remove the other's rows"
	default:
		return nil
	}
	return &failure.Error{
		Blame: failure.Configuration, Stream: s.Name,
		Reason: fmt.Sprintf("streams %q and %q cannot share %s: %s", s.Name, other, pgtx.Qualified(s.SchemaName, s.TableName), difference),
		Hint:   fmt.Sprintf("remove the entry %q of streams if that stream is gone, or give each of them a table of its own", other),
	}
}

// placeOf is the table that an entry of streams names, for a stream of the same source as s.
func (r *Registry) placeOf(entry string, s *stream.Stream) merge.Name {
	id := protocol.Stream{Namespace: s.ID.Namespace, Name: entry}
	if namespace, name, found := strings.Cut(entry, "."); found && s.ID.Namespace != "" {
		id = protocol.Stream{Namespace: namespace, Name: name}
	}
	return naming.Of(r.config, named(&revision.Spec{ID: id, Airbyte: s.Airbyte, Config: r.config.ForStream(id)}))
}

// isGlob reports whether an entry of streams may be about several of them.
func isGlob(entry string) bool { return strings.ContainsAny(entry, "*?[") }

// Leader is the stream as which the records of a stream are encoded: itself, unless it shares another one's table.
func (r *Registry) Leader(s *stream.Stream) *stream.Stream {
	if s.Lead == nil {
		return s
	}
	return r.streams[*s.Lead]
}
