package bisect

import (
	"errors"

	"target-postgres/target/batch"
	"target-postgres/target/failure"
)

// RefusedError is the server's answer to a statement that carries rows. One of the rows may be to blame, or the
// statement itself: only an experiment tells.
type RefusedError struct {
	// Where is the row at which a COPY stopped, if Known is true.
	Where batch.Position
	Known bool
	// Guess is the row that is likely to be to blame, if Guessed is true.
	Guess   batch.Position
	Guessed bool
	// Named is true if the server said which column the value was for, Late if only COMMIT failed.
	Named, Late bool
	// Waited is true for a row that had waited for its STATE beside the table.
	Waited bool
	// Err is what the server said.
	Err error
}

// Error is the cause's.
func (r *RefusedError) Error() string { return r.Err.Error() }

// Unwrap returns the cause.
func (r *RefusedError) Unwrap() error { return r.Err }

// OfRows marks an error of the server's as its answer to rows, unless no row can be to blame for it.
func OfRows(err error, about RefusedError) error {
	e, ok := errors.AsType[*failure.Error](err)
	if !ok || !failure.OfRows(err) {
		return err
	}
	about.Err = e.Err
	e.Err = &about
	return err
}

// By returns what the server said to rows, nil if the error is about something else.
func By(err error) *RefusedError {
	r, _ := errors.AsType[*RefusedError](err)
	return r
}

// AboutNoRow takes the mark of [OfRows] away, and returns the same error.
func AboutNoRow(err error) error {
	e, ok := errors.AsType[*failure.Error](err)
	if r := By(err); ok && r != nil {
		e.Err = r.Err
	}
	return err
}

// RefusedRow returns where the row stood that COPY refused, false if the error does not say.
func RefusedRow(err error) (batch.Position, bool) {
	if r := By(err); r != nil && r.Known {
		return r.Where, true
	}
	return 0, false
}

// NeedsProof reports whether an error more often is about the table than about a row, unless the server named the
// row's column. A row is to blame for it only if the server takes another row of the stream.
func NeedsProof(err error) bool {
	r := By(err)
	return (r == nil || !r.Named) && failure.NeedsProof(err)
}
