package registry

import (
	"slices"

	"target-postgres/target/stream"
	"target-postgres/typemap"
)

// nameColumns chooses the columns of the stream's fields. Where names are folded several fields may come to one name: a field
// then keeps the column that it has in the table.
func (r *Registry) nameColumns(s *stream.Stream) error {
	names := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		names[i] = f.Name
	}
	fold := r.config.Fold(s.Airbyte)
	var columns map[string]string
	if fold != nil && r.Existing != nil {
		have, err := r.Existing(s.Name, s.SchemaName, s.TableName)
		if err != nil {
			return err
		}
		if have != nil {
			columns = make(map[string]string, len(have.Columns))
			for _, c := range have.Columns {
				columns[c.Name] = stream.FieldOf(c.Comment)
			}
		}
	}
	places, given := s.Renamed(fold)
	for _, i := range slices.Backward(places) {
		names = slices.Delete(names, i, i+1)
	}
	s.Names = typemap.IdentifiersIn(columns, names, append(s.ReservedNames(), given...), fold)
	for n, i := range places {
		s.Names = slices.Insert(s.Names, i, given[n])
	}
	return nil
}
