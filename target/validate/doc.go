// Package validate checks records against every keyword of their stream's JSON Schema (setting validate_records).
//
// It promises that what it says of a record names the keyword and the field, and never a value. It reads nothing but
// the SCHEMA message: a reference to another place is left out, with a word in the log.
//
// The verdict is always that of the library jsonschema. Most records are accepted without it, by a walk over their text
// that proves that they meet the schema; wherever that walk cannot tell, the library decides. Both run on the goroutine
// that reads the input.
package validate
