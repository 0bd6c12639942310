package failure

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/merge"
	"target-postgres/typemap"
)

// DenialKind says what a denied privilege is about: mostly a kind of object. "" is that of an unknown message, perhaps
// one in another language.
type DenialKind string

// The kinds that are treated by themselves.
const (
	DeniedSchema   DenialKind = "schema"
	DeniedTable    DenialKind = "table"
	DeniedColumn   DenialKind = "column"
	DeniedFunction DenialKind = "function"
	// DeniedOwnership is about a statement that only the owner of a table may run.
	DeniedOwnership DenialKind = "owner"
	// DeniedRole is about a role that the one of the login may not take.
	DeniedRole DenialKind = "role"
)

// Denial is a privilege that the server says is missing. The server names the kind of object and its name, but neither
// the schema nor the role: the server is asked for both, so that the hint can be run as it is.
type Denial struct {
	Kind DenialKind
	// Name is the object's, as the server prints it: without its schema and without quotes.
	Name string
	// Schema and Table are those that the statement was about, "" where it was about none.
	Schema, Table string
	// Alter is the statement that the owner of the table can run in the role's place, "" where there is none.
	Alter string
	// Within says that a function met it which the table calls, such as a trigger's. The load itself does
	// nothing that is forbidden.
	Within bool
	// Function is that function with the types of its arguments, as the server's context has it, "" if it has
	// none. Only a name that the server knows may be printed: the context may hold values, too.
	Function string
	// verb begins the statement of the function, "" if the context has none.
	verb string
}

// OfLogin reports whether the role that logged in may not take the one of the setting role, or cannot since there is
// none. The transaction of that role cannot begin.
func (d *Denial) OfLogin() bool { return d.Kind == DeniedRole || d.Kind == noRole }

// denials tell the kinds of missing privileges apart by the server's words.
var denials = []struct {
	kind DenialKind
	says *regexp.Regexp
}{
	{DeniedSchema, regexp.MustCompile(`^permission denied for schema (.+)$`)},
	{DeniedTable, regexp.MustCompile(`^permission denied for (?:table|relation|view|materialized view|foreign table) (.+)$`)},
	{"sequence", regexp.MustCompile(`^permission denied for sequence (.+)$`)},
	{DeniedFunction, regexp.MustCompile(`^permission denied for (?:function|procedure|aggregate|routine) (.+)$`)},
	{"type", regexp.MustCompile(`^permission denied for type (.+)$`)},
	{"language", regexp.MustCompile(`^permission denied for language (.+)$`)},
	{"foreign server", regexp.MustCompile(`^permission denied for foreign server (.+)$`)},
	{"tablespace", regexp.MustCompile(`^permission denied for tablespace (.+)$`)},
	{"temporary", regexp.MustCompile(`^permission denied to create temporary tables in database "(.+)"$`)},
	{"database", regexp.MustCompile(`^permission denied for database (.+)$`)},
	{DeniedOwnership, regexp.MustCompile(`^must be owner of (?:table|relation|index|view|materialized view|foreign table|sequence) (.+)$`)},
	{DeniedColumn, regexp.MustCompile(`^permission denied for column ".+" of relation "(.+)"$`)},
	{"policy", regexp.MustCompile(`row-level security policy .*for table "(.+)"$`)},
	{DeniedRole, regexp.MustCompile(`^(?:permission denied to set role|must be member of role|must be able to SET ROLE) "(.+)"$`)},
}

// remedies are the statements that allow what was denied. {object} is the quoted name with its schema, {role} the
// quoted role, {owner} the quoted owner of the object.
var remedies = map[DenialKind]string{
	DeniedSchema:     "run: GRANT USAGE, CREATE ON SCHEMA {object} TO {role}",
	DeniedTable:      "run: GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON {object} TO {role}",
	DeniedColumn:     "run: GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON {object} TO {role}",
	"sequence":       "run: GRANT USAGE, SELECT ON SEQUENCE {object} TO {role}",
	DeniedFunction:   "run: GRANT EXECUTE ON ROUTINE {object} TO {role}",
	"type":           "run: GRANT USAGE ON TYPE {object} TO {role}",
	"language":       "run: GRANT USAGE ON LANGUAGE {object} TO {role}",
	"foreign server": "run: GRANT USAGE ON FOREIGN SERVER {object} TO {role}",
	"tablespace":     "run: GRANT CREATE ON TABLESPACE {object} TO {role}",
	"temporary":      "run: GRANT TEMPORARY ON DATABASE {object} TO {role}",
	"database":       "run: GRANT CREATE ON DATABASE {object} TO {role}, or create the schema yourself and set skip_schema_creation",
	DeniedOwnership:  "run: ALTER TABLE {object} OWNER TO {role}; or make the role a member of the owner: GRANT {owner} TO {role}",
	"policy": "a policy of {object} keeps the role {role} from writing: give it a policy that allows INSERT and UPDATE, " +
		"or run: ALTER ROLE {role} BYPASSRLS",
	DeniedRole: "run: GRANT {object} TO {role}, or leave out the setting role",
	noRole:     "the setting role names the role {object}: correct it or leave it out, or run: CREATE ROLE {object}; GRANT {object} TO {role}",
}

// DenialOf reads what the server says is missing. It is nil for other errors.
func DenialOf(pg *pgconn.PgError) *Denial {
	if lacksRole(pg) {
		return &Denial{Kind: noRole}
	}
	if pg.Code != pgerrcode.InsufficientPrivilege || Raised(pg) {
		return nil
	}
	denial := &Denial{}
	if found := calls.FindStringSubmatch(pg.Where); found != nil {
		denial.Within, denial.verb, denial.Function = true, strings.ToUpper(found[1]), found[2]
	}
	if !namesOnly(pg) {
		return denial
	}
	for _, d := range denials {
		if found := d.says.FindStringSubmatch(pg.Message); found != nil {
			denial.Kind, denial.Name = d.kind, found[1]
			break
		}
	}
	return denial
}

// calls finds the function that an error came from, and the first word of its statement.
var calls = regexp.MustCompile(`(?s)^(?:SQL statement "\s*(\w*).*?"\n)?PL/\w+ function ([^\n]*?\([^()\n]*\)) `)

// needs are the privileges that the statement of a function may need, by its first word.
var needs = map[string]string{"INSERT": "INSERT", "SELECT": "SELECT", "UPDATE": "SELECT, UPDATE", "DELETE": "SELECT, DELETE", "TRUNCATE": "TRUNCATE"}

// Concerning tells a denial which table the statement was about, and returns the error.
func Concerning(schema, table string, err error) error {
	if e, ok := err.(*Error); ok && e.Denied != nil { //nolint:errorlint // made a moment ago, never wrapped
		e.Denied.Schema, e.Denied.Table = schema, table
	}
	return err
}

// Remedy is the hint. A name that is not known stays out of it.
func (d *Denial) Remedy(object, owner, role string) string {
	text, known := remedies[d.Kind]
	switch {
	case !known && d.Within:
		text = "grant the role {role} what it needs"
	case !known:
		return lacking
	case d.Within && d.Kind == DeniedSchema:
		text = "run: GRANT USAGE ON SCHEMA {object} TO {role}"
	case d.Within && (d.Kind == DeniedTable || d.Kind == DeniedColumn):
		text = "run: GRANT " + cmp.Or(needs[d.verb], "SELECT, INSERT, UPDATE, DELETE") + " ON {object} TO {role}"
	}
	if owner == "" || owner == role {
		text, _, _ = strings.Cut(text, "; or make the role a member of the owner")
	}
	text = strings.NewReplacer("{object}", object, "{owner}", owner, "{role}", role).Replace(text)
	switch {
	case !d.Within && d.Kind == DeniedOwnership && d.Alter != "":
		text += "; or as the owner: " + d.Alter
	case d.Within && d.Function != "":
		text = fmt.Sprintf("the table calls the function %s, which lacks a privilege: %s; or let it run as its owner: ALTER FUNCTION %s SECURITY DEFINER", d.Function, text, d.Function)
	case d.Within:
		text = "a function that the table calls, such as a trigger's, lacks a privilege: " + text
	}
	return text
}

// Unasked is the hint as long as the server was not asked, or does not answer.
func (d *Denial) Unasked(role string) string {
	quoted := "the role that loads"
	if role != "" {
		quoted = typemap.Quote(role)
	}
	if d.Kind == noRole && d.Name == "" {
		return "see the setting role"
	}
	object := typemap.Quote(d.Name)
	if d.Within {
		unknown := *d
		unknown.Function = ""
		return unknown.Remedy(object, "", quoted)
	}
	if d.Schema != "" && (d.Name == d.Table || d.Kind == "") {
		object = merge.Name{Schema: d.Schema, Table: d.Table}.SQL()
	}
	if d.Kind == "" && role != "" && d.Schema != "" {
		return fmt.Sprintf("the role %s needs USAGE and CREATE on the schema %s, TEMPORARY on the database, and the ownership of %s or all privileges on it",
			quoted, typemap.Quote(d.Schema), object)
	}
	return d.Remedy(object, "", quoted)
}

// lacking is the hint where it is not known what is missing.
const lacking = "grant the role what it lacks: USAGE and CREATE on the schema, TEMPORARY on the database, and ownership of the tables it has to change"
