package validate

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"target-postgres/internal/jsonscan"
	"target-postgres/target/failure"
)

// Validator checks records against every keyword of their stream's JSON Schema, format included (setting
// validate_records). One goroutine uses it at a time.
type Validator struct {
	schema *jsonschema.Schema
	prover *prover
	// document is the schema as it was compiled.
	document map[string]any
}

// New compiles a stream's schema, and logs which of its keywords cannot be checked. formats reports whether its formats
// count, too. The sender made the schema, in the words of the protocol. The error is a *failure.Error about a schema
// that cannot be compiled.
func New(stream, sender string, text []byte, formats bool, log *slog.Logger) (*Validator, error) {
	schema, document, unused, err := usableSchema(text, formats)
	if err != nil {
		return nil, &failure.Error{
			Blame: failure.Stream, Stream: stream, Reason: "the JSON Schema cannot be used to validate records", Err: err,
			Hint: "correct the " + sender + "'s schema, or turn validate_records off",
		}
	}
	for _, keyword := range unused {
		log.Warn("validate_records cannot check a keyword of the schema and ignores it", "stream", stream, "keyword", keyword)
	}
	return &Validator{schema: schema, prover: newProver(schema, formats || hasNames(document)), document: document}, nil
}

// noRemoteSchemas keeps a $ref from reaching out: only what the SCHEMA message holds is read.
func noRemoteSchemas(url string) (io.ReadCloser, error) {
	return nil, fmt.Errorf("%s is not part of the SCHEMA message", url)
}

// hasNames reports whether a schema, or one in it, has a name or a draft of its own. Its formats may count then
// without being asked for.
func hasNames(document map[string]any) (has bool) {
	eachSubschema(document, "", func(schema map[string]any, _ string) {
		has = has || schema["$schema"] != nil || schema["$id"] != nil || schema["$vocabulary"] != nil
	})
	return has
}

// Proves reports whether the text of a record proves that it meets the schema. It need not be checked then.
func (v *Validator) Proves(record []byte) bool { return v.prover.proves(record) }

// Check returns an error with the keyword that the record breaks and its place, never the value, and nil for a valid
// record. A number that JSON does not have may be NULL, or a number: NaN is any, an infinity is beyond every bound. The
// record is valid if either would be. Nothing is asked of the fields that keep what is stored: the record has no value
// for them.
func (v *Validator) Check(record []byte, kept []string) error {
	finite, special := jsonscan.AppendFinite(nil, record)
	err := v.validate(finite, kept)
	if special == 0 || err == nil {
		return err
	}
	null, _ := jsonscan.AppendStrict(nil, record, "null")
	if v.validate(null, kept) == nil {
		return nil
	}
	return err
}

func (v *Validator) validate(record []byte, kept []string) error {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(record))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil //nolint:nilerr // encoding says better what is wrong with it
	}
	var invalid *jsonschema.ValidationError
	if err := v.schema.Validate(value); !errors.As(err, &invalid) {
		return err
	}
	return v.broken(invalid, value, kept)
}

// broken finds the first keyword that is broken, other than by the text that stands for an unavailable value.
func (v *Validator) broken(invalid *jsonschema.ValidationError, record any, kept []string) error {
	for _, cause := range invalid.Causes {
		if err := v.broken(cause, record, kept); err != nil {
			return err
		}
	}
	where := ""
	if way := jsonscan.PointerSteps(invalid.InstanceLocation); len(way) > 0 {
		where = way[0]
	}
	if len(invalid.Causes) > 0 || slices.Contains(kept, where) {
		return nil
	}
	name, said := v.fieldOf(invalid, record)
	return &Error{Property: cmp.Or(where, name), keyword: keywordAt(jsonscan.PointerSteps(invalid.KeywordLocation)), said: said}
}

// keywordAt returns the last keyword of the way to it. Below some keywords are names that the schema's author chose, or
// places in a list.
func keywordAt(way []string) string {
	for i := len(way) - 1; i > 0; i-- {
		_, notPlace := strconv.Atoi(way[i])
		if notPlace != nil && !slices.Contains(namesBelow, way[i-1]) {
			return way[i]
		}
	}
	return strings.Join(way[:min(1, len(way))], "")
}

// namesBelow are the keywords whose value has names of its own.
var namesBelow = []string{"properties", "patternProperties", "dependencies", "dependentRequired", "dependentSchemas", "definitions", "$defs"}

// Error says which keyword of the schema a record breaks, and where.
type Error struct{ Property, keyword, said string }

// Error names the keyword, and the field that the record lacks or has too much.
func (e *Error) Error() string {
	return fmt.Sprintf("the schema's %q is not met%s", e.keyword, e.said)
}
