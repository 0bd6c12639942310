package registry

import (
	"fmt"
	"slices"

	"target-postgres/merge"
	"target-postgres/target/failure"
	"target-postgres/target/revision"
	"target-postgres/typemap"
)

// describeOrdering refuses an order_by that cannot order the stream's records. One for all streams is for those that
// have the field.
func describeOrdering(s *revision.Spec) error {
	if s.Config.OrderBy == "" || s.Mode == merge.Append {
		return nil
	}
	at := slices.IndexFunc(s.Fields, func(f typemap.Field) bool { return f.Name == s.Config.OrderBy })
	var fault string
	switch {
	case at < 0 && !s.Config.NamesOrder():
		s.Config.OrderBy = ""
		return nil
	case at < 0:
		fault = "order_by names a field that the stream does not have"
	case s.Fields[at].Type.Kind == typemap.KindJSONB && (s.Fields[at].Container != "" || onlyContainers(s.Schema.JSON, s.Config.OrderBy)):
		fault = "order_by names a field that has no order: its type is " + s.Fields[at].Type.Name
	case len(s.Key) == 0:
		fault = "order_by needs a key, by which records are told apart"
	default:
		return nil
	}
	return revision.OrderFault(s, fault)
}

// describeOrder refuses to store only hashes, or nothing, of the field by which records are ordered.
func describeOrder(s *revision.Spec) error {
	for setting, field := range map[string]string{"history_time_column": s.Config.HistoryTimeColumn, "the cursor": s.Schema.Cursor, "order_by": s.Config.OrderBy} {
		if field != "" && (s.Plan.LeavesOut(field) || hashed(s, field)) {
			return &failure.Error{
				Blame: failure.Configuration, Stream: s.Name, Column: field,
				Reason: setting + " is a field that columns excludes or hashes, and records are ordered by its values",
				Hint:   fmt.Sprintf("remove exclude and hash from %q, or order the records by another field", field),
			}
		}
	}
	return nil
}

// hashed reports whether only hashes of a field are stored.
func hashed(s *revision.Spec, field string) bool {
	return slices.ContainsFunc(s.Fields, func(f typemap.Field) bool { return f.Name == field && f.Digest != nil })
}
