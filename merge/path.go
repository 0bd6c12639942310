package merge

import "strings"

// Statements of ours run under [PinnedPath]: an operator, a function or a type that another role creates in a schema of
// the search_path never runs in the place of PostgreSQL's own. pg_temp is named because it would otherwise be searched
// first for tables and types.
//
// Code of the user's own (triggers, policies, defaults) may rely on the role's search_path. A statement that names a
// table with such code therefore runs under [RolePath], with every operator, function and type in it qualified (see
// [qualify]), so that it means the same under any path. (docs/adr/0018-pinned-settings.md)
const (
	PinnedPath = "SET LOCAL search_path TO pg_catalog, pg_temp"
	RolePath   = "SET LOCAL search_path TO DEFAULT"
)

// UnderRolePath are the statements that run one statement under the role's search_path. The statement has to be written
// as those of this package are: its names quoted, and without IS DISTINCT FROM and IN.
func UnderRolePath(sql string) []string { return []string{RolePath, qualify(sql), PinnedPath} }

// guard lets the statements that name the target run under the role's search_path.
func (v *view) guard(statements []Statement) []Statement {
	if !v.UserCode {
		return statements
	}
	var all []Statement
	path := PinnedPath
	under := func(wanted string) {
		if wanted != path {
			all = append(all, Statement{SQL: wanted})
		}
		path = wanted
	}
	for _, s := range statements {
		if strings.Contains(s.SQL, v.Target) {
			s.SQL = qualify(s.SQL)
			under(RolePath)
		} else {
			under(PinnedPath)
		}
		all = append(all, s)
	}
	under(PinnedPath)
	return all
}
