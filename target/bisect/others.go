package bisect

import (
	"slices"

	"github.com/jackc/pgerrcode"

	"target-postgres/target/failure"
)

// Samples is how many other rows of a stream are tried to tell a row's fault from the table's.
const Samples = 8

// A row may be refused only because another one is not there yet: its parent, or the row that gives up a unique value.
// Together with the others the server would take it. Such a row is tried again after the others, before it is to blame.

// AboutOthers reports whether other rows decide if a row is refused: by a foreign key, or a value that only one row may
// have.
func AboutOthers(err error) bool {
	return slices.Contains([]string{pgerrcode.ForeignKeyViolation, pgerrcode.UniqueViolation, pgerrcode.ExclusionViolation}, failure.SQLState(err))
}
