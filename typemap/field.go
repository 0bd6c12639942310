package typemap

// Field is one top-level property of a stream's JSON Schema.
type Field struct {
	// Name is the property's name, verbatim; U+0000 and lone surrogates in it are U+FFFD, as they are in the names of a
	// record's properties.
	Name string
	// Type is the column that the schema asks for.
	Type Type
	// Encoding is "base64" or "base16" where the values are binary in that encoding and the column is bytea, else "".
	Encoding string
	// Container is "object" or "array" where Airbyte's rules take nothing else for the property, else "".
	Container string
	// Description is the schema's description of the property, "" when it has none.
	Description string
	// SQLType is the column type that the schema's x-sql-datatype names, "" when it names none.
	SQLType string

	// Properties are those of an object, as far as [SchemaOptions.Depth] asks for them.
	// Others says that the schema also admits what is neither an object nor null.
	Properties []Field
	Others     bool

	// The following are not the schema's: settings that shape a stream set them.

	// Path is where the value is in the record, nil for the property Name.
	Path []string

	// Flat is the name that flattening gives a field inside an object, or one whose own name is too long. Distinct is
	// the one that tells it from another field of that name. Both are "" for any other field of the record itself.
	Flat, Distinct string
	// Within are the names of the objects around such a field, without those that have a column beside it.
	Within []string
	// Rival says that the name, read with the separator of flattening, is that of a field at another path.
	Rival bool

	// Undeclared says that it stands for the fields that the schema does not have.
	Undeclared bool
	// Constant is the JSON of a value that every record has there, "" for the record's own.
	Constant string
	// Column is the name that the column is to have, "" for that of the field.
	Column string
	// Fixed says that the column's type was asked for, so that no value changes it.
	Fixed bool
	// Typed says that a setting names the column's type.
	Typed bool
	// Digest is the hash that is stored instead of the value, nil for the value.
	Digest *Digest
}

// At is where the field's value is in the record.
func (f *Field) At() []string {
	if len(f.Path) == 0 {
		return []string{f.Name}
	}
	return f.Path
}

// SchemaOptions are the settings that change which column a schema asks for.
// The zero value gives the Singer rules with numeric numbers.
type SchemaOptions struct {
	// NumberType is the type of the columns for JSON numbers.
	NumberType NumberType
	// DecodeBinary makes strings with a contentEncoding of base64 or base16 bytea columns instead of text.
	DecodeBinary bool
	// Airbyte selects Airbyte's own rules, which take a schema at its word less often: every union is jsonb, uuid is
	// text, integers are always bigint, and a schema without properties is a stream without columns.
	Airbyte bool
	// Depth is how many levels of objects have their properties in [Field.Properties].
	Depth int
}

// SchemaError says why a schema cannot describe a stream. Everything short of that is given a column instead.
type SchemaError struct {
	// Property is the property it is about, "" when it is the whole schema.
	Property string
	// Reason is in plain words and repeats no part of the schema.
	Reason string
}

// Error names the property, if it is about one, and the reason.
func (e *SchemaError) Error() string {
	if e.Property == "" {
		return "schema: " + e.Reason
	}
	return "schema of property " + e.Property + ": " + e.Reason
}
