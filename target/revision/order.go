package revision

import (
	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/typemap"
)

// Cursor is the field that orders the records of a key: what order_by names, else what Airbyte's catalog does.
func (s *Spec) Cursor() string { return s.Config.Order(s.Schema.Cursor) }

// OrderFault is the error of an order_by that cannot order. fault says what is wrong.
func OrderFault(s *Spec, fault string) error {
	return &failure.Error{
		Blame: failure.Configuration, Stream: s.Name, Column: s.Config.OrderBy, Reason: fault,
		Hint: "name a field of numbers, dates or texts in " + s.Setting("order_by", `"…"`) + ", or leave it out",
	}
}

// CheckOrder refuses an order_by whose field has no column that can be ordered by.
func (s *Revision) CheckOrder() error {
	if s.Config.OrderBy == "" || s.Mode == merge.Append || s.Ordering() != "" {
		return nil
	}
	return OrderFault(s.Spec, "order_by names a field that has no column, or one without an order")
}

// Ordering is the field's column that the records of a key are ordered by, "" if there is none.
func (s *Revision) Ordering() string {
	switch {
	case s.Mode == merge.Append || (s.Mode == merge.Replace && s.Config.OrderBy == ""):
		return ""
	case s.Cursor() != "":
		return s.ColumnOf(s.Cursor(), func(t typemap.Type) bool { return t.Kind != typemap.KindJSON })
	case s.Mode == merge.History && s.Config.HistoryTimeColumn != "":
		return s.ColumnOf(s.Config.HistoryTimeColumn, isTime)
	default:
		return ""
	}
}

// ColumnOf is the column that a field is stored in, if its type will do, as any does if will is nil; else "".
func (s *Revision) ColumnOf(field string, will func(typemap.Type) bool) string {
	for i, f := range s.Fields {
		if f.Name != field {
			continue
		}
		for _, c := range s.columns {
			if c.Name == s.Names[i] && c.Writable() && (will == nil || will(c.Type())) {
				return c.Name
			}
		}
	}
	return ""
}

// IsInstant reports whether a column holds instants.
func IsInstant(t typemap.Type) bool {
	return t.Kind == typemap.KindTimestamp || t.Kind == typemap.KindTimestampTZ
}

// isTime reports whether a column of times, which may be numbers, can be ordered by. Texts have no single form.
func isTime(t typemap.Type) bool {
	switch t.Kind {
	case typemap.KindDate, typemap.KindInt2, typemap.KindInt4, typemap.KindInt8, typemap.KindNumeric, typemap.KindFloat4, typemap.KindFloat8:
		return true
	default:
		return IsInstant(t)
	}
}

// Instants is the field that the instants of versions come from, "" if they are those of the extraction.
func (s *Revision) Instants() string {
	if s.Config.HistoryTimeColumn != "" {
		return s.Config.HistoryTimeColumn
	}
	if s.Cursor() != "" && s.ColumnOf(s.Cursor(), IsInstant) != "" {
		return s.Cursor()
	}
	return ""
}
