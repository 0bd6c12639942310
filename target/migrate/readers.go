package migrate

import (
	"errors"
	"strings"

	"target-postgres/target/failure"
	"target-postgres/target/pgtx"
	"target-postgres/typemap"
)

// Unreadable names the setting where the server has no role that is to read the table. It returns any other error as it
// is.
func (s TableSpec) Unreadable(err error) error {
	if _, explained := errors.AsType[*failure.Error](err); explained {
		return err // of after_create
	}
	said := failure.ServerError(err)
	if !failure.LacksRoleOfGrant(said) {
		return err
	}
	for _, role := range s.Readers {
		if strings.Contains(said.Message, `"`+role+`"`) {
			return &failure.Error{
				Blame: failure.Configuration, Stream: s.Stream, Err: failure.Cause(said),
				Reason: "prepare table " + pgtx.Qualified(s.Schema, s.Name) + ": " + failure.SafeMessage(said),
				Hint:   "the setting grant_select_to names the role: correct it, or run: CREATE ROLE " + typemap.Quote(role),
			}
		}
	}
	return err
}
