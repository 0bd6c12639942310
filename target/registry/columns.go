package registry

import (
	"fmt"
	"slices"
	"strings"

	"target-postgres/target/pgcatalog"
	"target-postgres/target/stream"
	"target-postgres/typemap"
)

// nameColumns chooses the columns of the stream's fields. Where names are folded several fields may come to one name,
// and other settings may have named the columns of the table: a field then keeps the column that it has.
func (r *Registry) nameColumns(s *stream.Stream) error {
	var have *pgcatalog.Table
	if r.Existing != nil {
		var err error
		if have, err = r.existing(s.Name, s.OwnTable()); err != nil {
			return err
		}
	}
	chooseNames(s.Spec, r.config, have)
	r.tellKeptNames(s)
	return nil
}

// tellKeptNames says which columns have names that the settings do not give them, once a run and stream.
func (r *Registry) tellKeptNames(s *stream.Stream) {
	if r.streams[s.ID] != nil {
		return
	}
	var kept []string
	fold := r.config.Fold(s.Airbyte)
	folds := r.config.Folds(s.Airbyte)
	for i, f := range s.Fields {
		name := stream.KnownAs(f, s.Names[i], folds)
		if f.Column != "" {
			name = f.Column
		}
		if !typemap.IsColumnOf(name, s.Names[i], fold) && !slices.Contains(reservedNames(s.Spec), s.Names[i]) {
			kept = append(kept, fmt.Sprintf("%q", s.Names[i]))
		}
	}
	if len(kept) == 0 {
		return
	}
	const few = 5
	more := ""
	if len(kept) > few {
		more = fmt.Sprintf(" and %d more", len(kept)-few)
	}
	r.log.Info(fmt.Sprintf("keeping the column names that other naming settings gave: %s%s", strings.Join(kept[:min(few, len(kept))], ", "), more),
		"stream", s.Name)
}
