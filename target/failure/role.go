package failure

import (
	"regexp"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"
)

// noRole is the kind of the denial of a role that the server does not have.
const noRole = "no role"

// checksSettings is the routine of the server that refuses a value of a setting, such as the name of a role that there
// is not.
const checksSettings = "call_string_check_hook"

// lacksRole reports whether the server refused the SET ROLE of a transaction of ours. All other settings that a
// transaction begins with have values that every server takes.
func lacksRole(pg *pgconn.PgError) bool {
	return pg.Code == pgerrcode.InvalidParameterValue && pg.Routine == checksSettings && pg.Where == ""
}

// missingRole matches what the server says of a role that there is not, unless it speaks another language.
var missingRole = regexp.MustCompile(`^role ".+" does not exist$`)

// roleMessage is what the program says about it.
func roleMessage(pg *pgconn.PgError) string {
	if missingRole.MatchString(pg.Message) {
		return OneLine(pg.Message)
	}
	return "a setting of the session has a value that the server refuses"
}

// LacksRoleOfGrant reports whether the server refused a GRANT since it has no such role.
func LacksRoleOfGrant(pg *pgconn.PgError) bool {
	return pg.Code == pgerrcode.UndefinedObject && pg.Where == "" && (pg.Routine == "get_role_oid" || pg.Routine == "get_rolespec_oid")
}
