package typemap

import (
	"strconv"
	"strings"
)

// Kind is the family of a PostgreSQL type: what decides how a JSON value is written for it. KindOther is everything
// that only the server can convert to (enums, domains, citext, inet, interval, xml, ranges, "char" and so on).
type Kind uint8

// The kinds. KindText covers text, varchar and char(n), told apart by [Type.Name] and [Type.Length]; KindArray has its
// element in [Type.Elem].
const (
	KindOther Kind = iota
	KindBool
	KindInt2
	KindInt4
	KindInt8
	KindNumeric
	KindFloat4
	KindFloat8
	KindText
	KindBytea
	KindJSON
	KindJSONB
	KindDate
	KindTime
	KindTimeTZ
	KindTimestamp
	KindTimestampTZ
	KindUUID
	KindArray
)

// Type is a PostgreSQL column type. The zero Type means "no type". Two types are the same when their names are, see
// [Type.Equal]; do not compare with ==, since arrays and domains carry a pointer.
type Type struct {
	// Name is the type as format_type() prints it and as DDL can repeat it:
	// "bigint", "numeric(10,2)", "timestamp with time zone", "text[]",
	// `"My Schema".mood`.
	Name string
	// Kind is the family that the name belongs to.
	Kind Kind
	// Elem is the element type of an array, nil for any other kind.
	Elem *Type
	// Base is the type below a domain, nil for any other type. Values are written for it: the domain keeps to its
	// length and precision.
	Base *Type
	// Collation is the collation of a column, quoted and with its schema, where it calls texts equal that differ (a
	// nondeterministic one), else "".
	Collation string
	// Equality and Greater are the operators by which an index of the type's own kind compares, as SQL names them:
	// "OPERATOR(public.=)". They are "" where they are pg_catalog's.
	Equality, Greater string
}

// The types which this package itself gives to columns. They are values to copy; nothing assigns to them.
var (
	Bool        = Type{Name: "boolean", Kind: KindBool}
	SmallInt    = Type{Name: "smallint", Kind: KindInt2}
	Integer     = Type{Name: "integer", Kind: KindInt4}
	BigInt      = Type{Name: "bigint", Kind: KindInt8}
	Numeric     = Type{Name: "numeric", Kind: KindNumeric}
	Real        = Type{Name: "real", Kind: KindFloat4}
	Double      = Type{Name: "double precision", Kind: KindFloat8}
	Text        = Type{Name: "text", Kind: KindText}
	Bytea       = Type{Name: "bytea", Kind: KindBytea}
	JSON        = Type{Name: "json", Kind: KindJSON}
	JSONB       = Type{Name: "jsonb", Kind: KindJSONB}
	Date        = Type{Name: "date", Kind: KindDate}
	Time        = Type{Name: "time without time zone", Kind: KindTime}
	TimeTZ      = Type{Name: "time with time zone", Kind: KindTimeTZ}
	Timestamp   = Type{Name: "timestamp without time zone", Kind: KindTimestamp}
	TimestampTZ = Type{Name: "timestamp with time zone", Kind: KindTimestampTZ}
	UUID        = Type{Name: "uuid", Kind: KindUUID}
)

// NumericOf returns numeric(precision,scale).
func NumericOf(precision, scale int) Type {
	return Type{Name: "numeric(" + strconv.Itoa(precision) + "," + strconv.Itoa(scale) + ")", Kind: KindNumeric}
}

// Equal reports whether t and u are the same type, modifiers included.
func (t Type) Equal(u Type) bool { return t.Name == u.Name }

// String returns the type's name.
func (t Type) String() string { return t.Name }

// DDL returns the type as the definition of a column repeats it: keys that the server calls equal have to be equal in
// every table they pass through.
func (t Type) DDL() string {
	if t.Collation == "" {
		return t.Name
	}
	return t.Name + " COLLATE " + t.Collation
}

// ParseType reads a type name as the server's format_type() prints it. A name it does not know, which includes every
// enum, domain and extension type, gives [KindOther] with the name kept, so it never fails.
func ParseType(formatted string) Type {
	if elem, ok := strings.CutSuffix(formatted, "[]"); ok {
		e := ParseType(elem)
		return Type{Name: formatted, Kind: KindArray, Elem: &e}
	}
	base, _ := splitModifier(formatted)
	return Type{Name: formatted, Kind: kindOfName(base)}
}

// kindOfName maps a type name without modifiers to its kind. format_type() quotes or qualifies any other type that has
// one of these names: the one-byte type "char" prints with its quotes, a user's own type called text prints with its
// schema.
func kindOfName(base string) Kind {
	switch base {
	case "boolean":
		return KindBool
	case "smallint":
		return KindInt2
	case "integer":
		return KindInt4
	case "bigint":
		return KindInt8
	case "numeric":
		return KindNumeric
	case "real":
		return KindFloat4
	case "double precision":
		return KindFloat8
	case "text", "character varying", "character":
		return KindText
	case "bytea":
		return KindBytea
	case "json":
		return KindJSON
	case "jsonb":
		return KindJSONB
	case "uuid":
		return KindUUID
	}
	return temporalKind(base)
}

func temporalKind(base string) Kind {
	switch base {
	case "date":
		return KindDate
	case "time without time zone":
		return KindTime
	case "time with time zone":
		return KindTimeTZ
	case "timestamp without time zone":
		return KindTimestamp
	case "timestamp with time zone":
		return KindTimestampTZ
	}
	return KindOther
}
