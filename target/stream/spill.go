package stream

import (
	"target-postgres/merge"
)

// Spill is the table beside a stream's own in which rows wait for the STATE that covers them, once there are more of them
// than memory is for, or the layout of the next ones is another.
type Spill struct {
	Name    merge.Name
	Columns []merge.Column
	// Lines is the column that says where a row stood in the input.
	Lines string
	// Full says that there may be rows in it, rows how many at least; removals are what has to happen after they are in the
	// stream's table.
	Full     bool
	Rows     int
	Removals []merge.Statement
}
