package typemap

import (
	"regexp"
	"strings"
)

// typeName matches the name of a type: words, which may be quoted and have a schema, modifiers in parentheses, and the
// brackets of arrays. No other SQL gets into the statement with the type.
var typeName = regexp.MustCompile(`^\s*(?:"(?:[^"\x00]|"")+"|[\pL_][\pL\pN_$]*|[. ])+` +
	`(?:\(\s*[\pL\pN_]+(?:\s*,\s*-?[\pL\pN_]+)*\s*\))?(?:\s+with(?:out)?\s+time\s+zone)?(?:\s*\[\d*\])*\s*$`)

// brackets are those of an array at the end of a type's name.
var brackets = regexp.MustCompile(`(?:\s*\[\d*\])+$`)

// DeclaredType reads the name of a type as people write it: "int8", "varchar(20)", "TIMESTAMPTZ". The result has the
// name that format_type() prints, as far as the type is one of the server's own. ok is false if the text names no type.
func DeclaredType(name string) (t Type, ok bool) {
	if strings.TrimSpace(name) == "" || !typeName.MatchString(name) {
		return Type{}, false
	}
	name = strings.TrimSpace(name)
	if at := brackets.FindString(name); at != "" {
		elem, ok := DeclaredType(strings.TrimSuffix(name, at))
		return ParseType(elem.Name + "[]"), ok
	}
	if strings.Contains(name, `"`) {
		return ParseType(name), true
	}
	name = strings.TrimPrefix(strings.Join(strings.Fields(strings.ToLower(name)), " "), "pg_catalog.")
	base, modifier := splitModifier(name)
	if strings.Contains(name, ".") {
		return ParseType(name), true
	}
	base = strings.Join(strings.Fields(base), " ")
	modifier = strings.ReplaceAll(modifier, " ", "")
	if full, is := typeAliases[base]; is {
		base = full
	}
	if base == "numeric" && modifier != "" && !strings.Contains(modifier, ",") {
		modifier += ",0"
	}
	if base == "character" && modifier == "" {
		modifier = "1"
	}
	return ParseType(withModifier(base, modifier)), true
}

// withModifier puts a modifier where format_type() prints it.
func withModifier(base, modifier string) string {
	if modifier == "" {
		return base
	}
	word, rest, zoned := strings.Cut(base, " with")
	if !zoned {
		return base + "(" + modifier + ")"
	}
	return word + "(" + modifier + ") with" + rest
}

// typeAliases are the other names of the server's own types.
var typeAliases = map[string]string{
	"bool": "boolean", "int": "integer", "int2": "smallint", "int4": "integer", "int8": "bigint",
	"float4": "real", "float": "double precision", "float8": "double precision", "decimal": "numeric", "dec": "numeric",
	"varchar": "character varying", "char varying": "character varying", "char": "character",
	"timestamp": "timestamp without time zone", "timestamptz": "timestamp with time zone",
	"time": "time without time zone", "timetz": "time with time zone",
	"varbit": "bit varying",
}
