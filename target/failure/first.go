package failure

import "errors"

// First reduces joined errors to the one that came first: the others follow from it.
func First(err error) error {
	var joined interface{ Unwrap() []error }
	for errors.As(err, &joined) {
		err = joined.Unwrap()[0]
	}
	return err
}
