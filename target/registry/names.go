package registry

import (
	"fmt"
	"slices"

	"target-postgres/merge"
	"target-postgres/target/naming"
	"target-postgres/target/pgcatalog"
	"target-postgres/target/revision"
	"target-postgres/target/stream"
	"target-postgres/typemap"
)

// named is what the names of a stream depend on.
func named(s *revision.Spec) naming.Stream {
	n := naming.Stream{ID: s.ID, Airbyte: s.Airbyte, Schema: s.Config.Schema, Table: s.Config.Table}
	if s.Mapped != nil {
		n.Alias = s.Mapped.Alias
	}
	return n
}

// place chooses the table of a stream. A table whose comment names the stream is its own. Other streams and later
// changes of the settings of names do not change that. A stream keeps its table as long as the run lasts.
func (r *Registry) place(s *stream.Stream) error {
	if before := r.streams[s.ID]; before != nil && before.TableName != "" {
		s.SchemaName, s.TableName = before.SchemaName, before.TableName
		return nil
	}
	own := naming.Of(r.config, named(s.Spec))
	s.SchemaName, s.TableName = own.Schema, own.Table
	if s.Config.Table != "" || r.Existing == nil {
		return nil
	}
	have, err := r.existing(s.Name, own)
	if err != nil || s.Owns(have) {
		return err
	}
	owned, err := r.owned(s)
	if err != nil {
		return err
	}
	suffixed := naming.Suffixed(r.config, named(s.Spec), own)
	for _, name := range suffixed {
		if slices.Contains(owned, name) {
			s.TableName = name.Table
			return nil
		}
	}
	return r.placeElsewhere(s, have, owned, suffixed)
}

// placeElsewhere chooses the table of a stream that has none under the names of the settings. have is the table that
// has its name, nil for none.
func (r *Registry) placeElsewhere(s *stream.Stream, have *pgcatalog.Table, owned, suffixed []merge.Name) error {
	own := suffixed[0]
	former, err := r.former(s, owned)
	switch {
	case err != nil:
		return err
	case former != nil && have != nil && pgcatalog.OwnerOf(have.Comment) == "" && r.config.ContinuesOthers(s.Airbyte):
		r.log.Warn(fmt.Sprintf("two tables hold rows of the stream: it is loaded into %s, which the settings name; %s, into which an earlier run loaded it, is left as it is",
			own.SQL(), former.SQL()), "stream", s.Name)
		return nil
	case former != nil:
		s.SchemaName, s.TableName = former.Schema, former.Table
		return r.tellFormer(s, own, have != nil)
	}
	if err := r.placeFree(s, suffixed); err != nil {
		return err
	}
	if have == nil {
		r.tellLeft(s, owned)
	}
	return nil
}

// tellLeft says which tables of the stream's schema earlier runs have loaded the stream into, when it gets a new one.
func (r *Registry) tellLeft(s *stream.Stream, owned []merge.Name) {
	for _, name := range owned {
		if _, claimed := r.claims[name]; !claimed && name.Schema == s.SchemaName && name != s.OwnTable() {
			r.log.Info(fmt.Sprintf("table %s, into which an earlier run loaded the stream, is left as it is: the settings name %s now", name.SQL(), s.OwnTable().SQL()),
				"stream", s.Name)
		}
	}
}

// former is the table that was made for the stream under other settings of names, nil for none.
func (r *Registry) former(s *stream.Stream, owned []merge.Name) (*merge.Name, error) {
	if len(owned) > 0 {
		if r.formerly == nil {
			r.formerly = naming.NewFormer(r.config)
		}
		places := r.formerly.Others(named(s.Spec))
		for _, place := range append(places, r.formerly.Suffixes(named(s.Spec), places)...) {
			if slices.Contains(owned, place) {
				return &place, nil
			}
		}
	}
	// Without the setting naming the stream would be loaded into a table of this name, also one made by others.
	usual := naming.Of(naming.Without(r.config), named(s.Spec))
	if _, claimed := r.claims[usual]; claimed || usual == s.OwnTable() {
		return nil, nil
	}
	have, err := r.existing(s.Name, usual)
	if err != nil || have == nil || !have.Kind.Holds() || pgcatalog.OwnerOf(have.Comment) != "" {
		return nil, err
	}
	return &usual, nil
}

// tellFormer says that the stream's table keeps a name that the settings do not give it. taken reports whether another
// table has the one that they do.
func (r *Registry) tellFormer(s *stream.Stream, own merge.Name, taken bool) error {
	rename := ""
	if own.Table != s.TableName {
		rename = fmt.Sprintf("ALTER TABLE %s RENAME TO %s", s.OwnTable().SQL(), typemap.Quote(own.Table))
	}
	if own.Schema != s.SchemaName {
		if rename != "" {
			rename += "; "
		}
		rename += fmt.Sprintf("ALTER TABLE %s SET SCHEMA %s", merge.Name{Schema: s.SchemaName, Table: own.Table}.SQL(), typemap.Quote(own.Schema))
	}
	text := fmt.Sprintf("keeping the table name %s, which other naming settings gave it: the current settings would name it %s",
		s.OwnTable().SQL(), own.SQL())
	if taken {
		text += ", which is another table"
	} else {
		text += "; to rename it, run " + rename
	}
	r.log.Info(text, "stream", s.Name)
	if r.Preview == nil {
		return nil
	}
	_, err := fmt.Fprintf(r.Preview, "-- stream %q: %s\n", s.Name, text)
	return err
}

// placeFree takes the first of the names that no other stream has.
func (r *Registry) placeFree(s *stream.Stream, names []merge.Name) error {
	for i, name := range names {
		if other, is := r.claims[name]; is && other.ID != s.ID {
			if i == 0 && other.Given {
				return nil // refused later: the settings ask for that table by its name
			}
			continue
		}
		have, err := r.existing(s.Name, name)
		if err != nil {
			return err
		}
		if have == nil || pgcatalog.OwnerOf(have.Comment) == "" || s.Owns(have) {
			s.TableName = name.Table
			return nil
		}
	}
	return nil // refused later: another stream has it
}

// owned are the tables of the database whose comments name the stream.
func (r *Registry) owned(s *stream.Stream) ([]merge.Name, error) {
	all, err := r.Owned(s.Name)
	var names []merge.Name
	for _, table := range all {
		if s.IsCalled(table.Stream) {
			names = append(names, table.Name)
		}
	}
	return names, err
}

// existing finds a table of the database, nil if there is none.
func (r *Registry) existing(of string, name merge.Name) (*pgcatalog.Table, error) {
	return r.Existing(of, name.Schema, name.Table)
}
