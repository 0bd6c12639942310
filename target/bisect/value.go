package bisect

import (
	"slices"

	"target-postgres/target/failure"
)

// WithoutOne finds the one column without whose value the server takes a row, "" if no single value is to blame. try
// brings the row in without the values of some columns; the row stays if it is only one. again is the column that was
// to blame in the row before, which mostly is to blame in this one, too. The error is
// one of try's that is about no row.
func WithoutOne(suspects []string, again string, try func(columns []string) error) (column string, _ error) {
	for len(suspects) > 0 {
		some := suspects[:(len(suspects)+1)/2]
		first := slices.Contains(suspects, again)
		if first {
			some = []string{again}
		}
		err := try(some)
		switch {
		case err == nil && len(some) == 1:
			return some[0], nil
		case err == nil:
			suspects = some
		case By(err) == nil:
			return "", err
		case first:
			suspects = slices.DeleteFunc(suspects, func(c string) bool { return c == again })
		default:
			suspects = suspects[len(some):]
		}
	}
	return "", nil
}

// ColumnOf is the column that an error of the server names, "" if it names none.
func ColumnOf(err error) string {
	if e, ok := err.(*failure.Error); ok { //nolint:errorlint // only what the server said to this row
		return e.Column
	}
	return ""
}
