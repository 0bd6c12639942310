package migrate

import (
	"fmt"
	"strings"

	"target-postgres/target/failure"
	"target-postgres/target/pgcatalog"
	"target-postgres/typemap"
)

// typeAction is the action of an ALTER TABLE that widens the column.
func typeAction(c pgcatalog.Column, widening typemap.Widening) string {
	quoted := typemap.Quote(c.Name)
	action := fmt.Sprintf("ALTER COLUMN %s TYPE %s", quoted, widening.To.Name)
	if c.Collation != "" && widening.To.Kind == typemap.KindText {
		action += " COLLATE " + c.Collation
	}
	// Migrations run with TimeZone UTC, where a timestamp becomes an instant without being written anew.
	if widening.Using != "" && !widening.FreeInUTC {
		action += " USING " + strings.ReplaceAll(widening.Using, "%s", quoted)
	}
	return action
}

// FixedType is the error of a column that migration_policy.changed_types keeps from being widened. The message begins
// with the reason to widen it.
func FixedType(c pgcatalog.Column, table, why string, widening typemap.Widening) *failure.Error {
	return &failure.Error{
		Blame: failure.Configuration, Column: c.Name,
		Reason: fmt.Sprintf("%s, %s is needed, and migration_policy.changed_types is fail", why, widening.To.Name),
		Hint:   fmt.Sprintf("run ALTER TABLE %s %s, or set changed_types to widen", table, typeAction(c, widening)),
	}
}
