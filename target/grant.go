package target

import (
	"regexp"

	"github.com/jackc/pgx/v5/pgconn"
)

// grants turn what the server says is forbidden into the statement that allows it.
var grants = []struct {
	says   *regexp.Regexp
	remedy string
}{
	{regexp.MustCompile(`^permission denied for schema (.+)$`), "run: GRANT USAGE, CREATE ON SCHEMA $1 TO <role>"},
	{
		regexp.MustCompile(`^permission denied for (?:table|relation) (.+)$`),
		"run: GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON $1 TO <role>",
	},
	{regexp.MustCompile(`^must be owner of (?:table|relation|column|index|view) (.+)$`), "run: ALTER TABLE $1 OWNER TO <role>"},
	{
		regexp.MustCompile(`^permission denied to create temporary tables in database (.+)$`),
		"run: GRANT TEMPORARY ON DATABASE $1 TO <role>",
	},
	{
		regexp.MustCompile(`^permission denied for database (.+)$`),
		"run: GRANT CREATE ON DATABASE $1 TO <role>, or create the schema yourself and set skip_schema_creation",
	},
	{
		regexp.MustCompile(`row-level security`),
		"a policy of the table keeps the role from writing: give it a policy that allows INSERT and UPDATE, or BYPASSRLS",
	},
	{regexp.MustCompile(`^permission denied to set role (.+)$`), "run: GRANT $1 TO <role>, or leave out the setting role"},
}

// grantFor says what to do about a missing privilege, "" when it is not known.
func grantFor(pg *pgconn.PgError) string {
	for _, g := range grants {
		if at := g.says.FindStringSubmatchIndex(pg.Message); at != nil {
			return string(g.says.ExpandString(nil, g.remedy, pg.Message, at))
		}
	}
	return ""
}
