package stream

import (
	"cmp"
	"slices"

	"target-postgres/merge"
	"target-postgres/target/comments"
	"target-postgres/target/config"
	"target-postgres/target/migrate"
	"target-postgres/target/revision"
	"target-postgres/target/systemcolumn"
	"target-postgres/typemap"
)

// Bring remembers the columns that the stream has fields for: those of want.
func (s *Stream) Bring(want migrate.TableSpec) {
	if s.Brought == nil {
		s.Brought = map[string]bool{}
	}
	for _, c := range want.Columns {
		s.Brought[c.Name] = true
	}
}

// TableSpec lists what the stream needs of its table.
func (s *Stream) TableSpec(c *config.Config) migrate.TableSpec {
	w := migrate.TableSpec{
		Schema: s.SchemaName, Name: s.TableName, Stream: s.Name, Movable: s.Name != revision.RejectedTable, Mode: s.Mode, Replaced: s.Mode == merge.Replace, Key: s.Key, NullKeys: s.Airbyte, KeyLater: s.Alternates(),
		Comment: "Stream " + s.Name + ", " + comments.MadeByUs, Description: s.Description, Readers: s.Config.GrantSelectTo, AfterCreate: s.Config.AfterCreate,
		Own: s.Name == revision.RejectedTable, ClosedIfNew: s.Name == revision.RejectedTable, // its records are those of streams whose tables are closed, too
	}
	if s.Airbyte {
		w.Columns = systemcolumn.AirbyteOfTable()
	}
	folds := c.Folds(s.Airbyte)
	for i, f := range s.Fields {
		f.Name = KnownAs(f, s.Names[i], folds)
		// Airbyte's values change no type within a family: what the schema declares has to be there before.
		column := migrate.Column{Name: s.Names[i], Type: f.Type, Field: f.Name, Description: comments.Of(f, s.Names[i]), Described: f.Description != "" && !f.Undeclared, Declared: s.Airbyte, Fixed: f.Fixed, Typed: f.Typed, Hashed: f.Digest != nil, Mapped: s.Mapped.Hashes(s.Fields[i].Name), Mark: comments.Mark(f)}
		if f.Name != column.Name {
			column.Named = comments.Field(f.Name)
		}
		if f.Undeclared {
			column.Field = "" // no policy about fields is about it
		}
		if wider, ok := s.Widened[column.Name]; ok {
			column.Type, column.Exact = wider, true
		}
		if slices.Contains(s.Key, column.Name) && !s.Airbyte && s.Mode != merge.Append {
			column.Clause = "NOT NULL"
		}
		w.Columns = append(w.Columns, column)
	}
	if s.Surrogate {
		w.Columns = append(w.Columns, migrate.Column{Name: systemcolumn.SurrogateColumn, Type: typemap.Text, ClauseIfNew: "NOT NULL"})
	}
	for _, e := range s.Metadata(c) {
		if s.hasMetadata(e) {
			w.Columns = append(w.Columns, migrate.Column{Name: e.Name, Type: e.Type})
		}
	}
	if s.Versioned && !slices.Contains(s.Names, migrate.VersionColumn) {
		w.Columns = append(w.Columns, migrate.Column{Name: migrate.VersionColumn, Type: typemap.BigInt})
	}
	switch s.Mode {
	case merge.History:
		w.Versions, w.View = s.Versions(), s.ViewName()
		w.Columns = append(w.Columns, w.Versions.Columns()...)
		if s.Config.RowHash {
			w.Columns = append(w.Columns, migrate.Column{Name: migrate.HashColumn, Type: typemap.Text})
		}
	case merge.SoftDelete:
		w.Columns = append(w.Columns, migrate.Column{Name: migrate.DeletedColumn, Type: typemap.Bool, Clause: "NOT NULL DEFAULT false"})
	}
	return w
}

// KnownAs is the name of the field that a column is of. A column that is told from another field's has a name of its
// own.
func KnownAs(f typemap.Field, column string, folds typemap.Folds) string {
	if f.Distinct != "" && folds.Make(f.Distinct, column) {
		return f.Distinct
	}
	return cmp.Or(f.Flat, f.Name)
}
