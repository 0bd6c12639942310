package merge

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// quotedOrSaid finds names, texts and comments.
var quotedOrSaid = regexp.MustCompile(`"(?:[^"]|"")*"|'(?:[^']|'')*'|--[^\n]*`)

// qualifiedParts are what else PostgreSQL does not look for: assignments, and what is qualified.
var qualifiedParts = []*regexp.Regexp{
	regexp.MustCompile(`(?:SET |,)\s*q = `),
	regexp.MustCompile(`OPERATOR\((?:q|public|pg_catalog)\.[^)]+\)`),
	regexp.MustCompile(`pg_catalog\.count\(\*\)|\.\*|\bSELECT \*|, \*|\) \* FROM|RETURNING \*`),
	regexp.MustCompile(`pg_catalog\.\w+`),
}

var (
	bareOperator = regexp.MustCompile(`[=<>|+/~!@#%^&*]|-[^0-9]|IS DISTINCT FROM|\bIN \(|LIKE [^x]|BETWEEN [^U]`)
	bareCall     = regexp.MustCompile(`\b([a-z_]+)\(`)
	bareType     = regexp.MustCompile(`::(\w+)`)
)

// Nothing in a statement that runs under the role's search_path may be found through it, whatever the templates come to
// say.
func TestStatementsUnderTheRolesPathNameEverySchema(t *testing.T) {
	t.Parallel()
	cases := golden("public")
	delete(cases, "lookup") // keys are not looked up where code of the user's own may run
	for name, c := range maps.Clone(cases) {
		// A schema whose name needs no quotes has none in an operator's name.
		if c.job.Key = slices.Clone(c.job.Key); len(c.job.Key) > 0 {
			c.job.Key[0].Type.Equality = "OPERATOR(public.=)"
			cases[name+" over a type of a plain schema"] = c
		}
	}
	for name, c := range cases {
		c.job.UserCode = true
		statements, err := c.render(c.job)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		path := PinnedPath
		for _, s := range statements {
			if s.SQL == PinnedPath || s.SQL == RolePath {
				path = s.SQL
				continue
			}
			if names := strings.Contains(s.SQL, c.job.Target.SQL()); names != (path == RolePath) {
				t.Errorf("%s: names the target: %t, under %q\n%s", name, names, path, s.SQL)
			}
			if path == RolePath {
				wantQualified(t, name, s.SQL)
			}
		}
		if path != PinnedPath {
			t.Errorf("%s ends under %q", name, path)
		}
	}
}

func wantQualified(t *testing.T, name, sql string) {
	t.Helper()
	rest := quotedOrSaid.ReplaceAllStringFunc(sql, func(found string) string {
		if found[0] == '-' {
			return ""
		}
		return "q"
	})
	for _, part := range qualifiedParts {
		rest = part.ReplaceAllString(rest, " x ")
	}
	if found := bareOperator.FindString(rest); found != "" {
		t.Errorf("%s: the operator %q is not qualified in\n%s", name, found, sql)
	}
	for _, call := range bareCall.FindAllStringSubmatch(rest, -1) {
		if !slices.Contains([]string{"coalesce", "greatest", "substring", "x", "q"}, call[1]) {
			t.Errorf("%s: the function %s is not qualified in\n%s", name, call[1], sql)
		}
	}
	for _, cast := range bareType.FindAllStringSubmatch(rest, -1) {
		if !slices.Contains([]string{"int", "bigint", "bit", "x"}, cast[1]) {
			t.Errorf("%s: the type %s is not qualified in\n%s", name, cast[1], sql)
		}
	}
}

func TestQualifyKnowsTheGrammar(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		`UPDATE "a" AS t SET "x = y" = s."v" = 1, "z" = (SELECT max(1)) FROM "b" AS s WHERE t."k" = s."k" -- a = b`: `UPDATE "a" AS t SET "x = y" = s."v" OPERATOR(pg_catalog.=) 1, ` +
			`"z" = (SELECT pg_catalog.max(1)) FROM "b" AS s WHERE t."k" OPERATOR(pg_catalog.=) s."k" -- a = b`,
		`SELECT 'a '' = b', "max("::text, count(*) >= 0, -1, x -> '{}'`: `SELECT 'a '' = b', "max("::pg_catalog.text, pg_catalog.count(*) OPERATOR(pg_catalog.>=) 0, -1, x OPERATOR(pg_catalog.->) '{}'`,
		`a OPERATOR(public.=) b AND p = q AND "pub" < x`:                `a OPERATOR(public.=) b AND p OPERATOR(pg_catalog.=) q AND "pub" OPERATOR(pg_catalog.<) x`,
		`a OPERATOR("x)".=) b AND pg_catalog.now() <> now()`:            `a OPERATOR("x)".=) b AND pg_catalog.now() OPERATOR(pg_catalog.<>) pg_catalog.now()`,
	} {
		if got := qualify(sql); got != want {
			t.Errorf("qualify(%s)\ngot  %s\nwant %s", sql, got, want)
		}
	}
}
