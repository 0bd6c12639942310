package failure

import (
	"errors"

	"target-postgres/target/connect"
)

// AtLine adds the line to an error that has none, unless the line has nothing to do with it.
func AtLine(line int64, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Line != 0 || e.Blame == Program || e.Blame == Connection {
		return err
	}
	if _, unreachable := errors.AsType[*connect.Error](err); !unreachable {
		e.Line = line
	}
	return err
}
