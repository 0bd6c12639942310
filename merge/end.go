package merge

import "fmt"

// farAway is the end of an active version where that is not NULL. The type has a keyword, so that it is always
// PostgreSQL's own.
const farAway = "timestamp with time zone '9999-12-31 00:00:00+00'"

// EndOf is the end of a version in the table, NULL for an active one.
func (v *view) EndOf(alias string) string {
	if !v.job.EndsFarAway {
		return alias + "." + v.End
	}
	return fmt.Sprintf("CASE WHEN NOT %[1]s.%[2]s THEN %[1]s.%[3]s END", alias, v.Active, v.End)
}

// Ends is what the table gets as the end of a version: expression is NULL for an active one.
func (v *view) Ends(expression string) string {
	switch {
	case !v.job.EndsFarAway:
		return expression
	case expression == "NULL":
		return farAway
	default:
		return "coalesce(" + expression + ", " + farAway + ")"
	}
}
