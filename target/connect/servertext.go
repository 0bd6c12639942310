package connect

import (
	"regexp"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/target/sqlstate"
)

// A server's text is repeated only if it has no more than names. The value of a parameter may be a secret in options,
// and a login trigger or function may say anything.

// naming are codes of the classes of errors of a login whose texts name roles, databases, addresses and limits, and
// nothing else.
var naming = []string{
	pgerrcode.ConnectionException, pgerrcode.InvalidAuthorizationSpecification, pgerrcode.InvalidCatalogName, pgerrcode.InsufficientResources,
	pgerrcode.ObjectNotInPrerequisiteState, pgerrcode.OperatorIntervention, pgerrcode.InternalError,
}

// serverSaid is what the server said, in one line, "" if that may hold a value.
func serverSaid(pg *pgconn.PgError) string {
	if raised(pg) || !sqlstate.InClassOf(pg.Code, naming...) {
		return ""
	}
	return foreign(pg.Message)
}

// raised reports whether a function raised the error, as a trigger of the login does.
func raised(pg *pgconn.PgError) bool {
	return pg.Where != "" || pg.Routine == "exec_stmt_raise" || sqlstate.InClassOf(pg.Code, pgerrcode.PLpgSQLError)
}

// because puts what may be said behind a reason.
func because(reason string, pg *pgconn.PgError) string {
	switch text := serverSaid(pg); {
	case text != "":
		return reason + ": " + text
	case raised(pg):
		return reason + ": an exception was raised"
	default:
		return reason
	}
}

// hintOf is the hint that the server gives, "" if its author is not the server.
func hintOf(pg *pgconn.PgError) string {
	if serverSaid(pg) == "" {
		return ""
	}
	return foreign(pg.Hint)
}

// settingOf are the names of the parameters in the text of options.
var settingOf = regexp.MustCompile(`(?:-c\s*|--)([A-Za-z_][\w.-]*)`)

// parameter names the one of options that an error is about, "" if none of them is in the server's text.
func (s *server) parameter(pg *pgconn.PgError) string {
	for _, found := range settingOf.FindAllStringSubmatch(s.p.Get("options"), -1) {
		name := strings.ReplaceAll(found[1], "-", "_")
		for _, spelt := range []string{found[1], name} {
			if strings.Contains(pg.Message, `"`+spelt+`"`) {
				return " " + spelt
			}
		}
	}
	return ""
}
