package stream

import (
	"slices"

	"target-postgres/target/pgcatalog"
	"target-postgres/typemap"
)

// NameColumns chooses the columns of the fields. have is the table as it is, nil for none: its columns stay those of their fields.
func (s *Spec) NameColumns(folds typemap.Folds, have *pgcatalog.Table) {
	var places, others []int
	var given, names []string
	renamed := map[string]string{}
	for i, f := range s.Fields {
		if f.Column == "" {
			others, names = append(others, i), append(names, f.Name)
			continue
		}
		places, given = append(places, i), append(given, f.Column)
		renamed[f.Name] = f.Column
	}
	// A name that the settings give is the field's, whoever has it, unless it has its column under another naming.
	var columns, asGiven map[string]string
	if have != nil {
		columns, asGiven = make(map[string]string, len(have.Columns)), map[string]string{}
		for _, c := range have.Columns {
			field := FieldOf(c.Comment)
			columns[c.Name] = field
			if name, is := renamed[field]; is {
				asGiven[c.Name] = name
			}
		}
	}
	reserved := s.ReservedNames()
	given = typemap.IdentifiersIn(asGiven, given, reserved, folds)
	names = typemap.IdentifiersIn(columns, names, append(slices.Clone(reserved), given...), folds)
	s.Names = make([]string, len(s.Fields))
	for n, i := range places {
		s.Names[i] = given[n]
	}
	for n, i := range others {
		s.Names[i] = names[n]
	}
}
