package batchfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"target-postgres/protocol"
	"target-postgres/target/failure"
	"target-postgres/target/objects"
	"target-postgres/target/parquetfile"
)

// readParquet calls take for each row of a Parquet file. The compression in the message does not matter: the file knows
// its own.
func readParquet(schema *protocol.Schema) reading {
	return func(file *objects.File, _ string, take func(record []byte) error) error {
		content, err := whole(file)
		if err != nil {
			return err
		}
		defer content.Close()
		err = readAhead(func(hand func(record []byte) error) error {
			return parquetfile.Read(content, content.size, base16Of(schema), func(_ int64, record []byte) error { return hand(record) })
		}, func(row int64, record []byte) error {
			if faulty := take(record); faulty != nil {
				return at(fmt.Sprintf("%s, row %d", file.Name, row), faulty)
			}
			return nil
		})
		if damaged, ok := errors.AsType[*parquetfile.Error](err); ok {
			return &failure.Error{
				Blame: failure.Stream, Reason: fmt.Sprintf("BATCH file %s cannot be read as Parquet", file.Name), Err: damaged,
				Hint: "look at what the tap writes; let it write the file again",
			}
		}
		return err
	}
}

// base16Of reports for which fields a schema says that their texts are bytes in base16.
func base16Of(schema *protocol.Schema) func(field string) bool {
	var s struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if schema == nil || json.Unmarshal(schema.JSON, &s) != nil {
		return func(string) bool { return false }
	}
	return func(field string) bool {
		var property struct {
			Encoding string `json:"contentEncoding"`
		}
		return json.Unmarshal(s.Properties[field], &property) == nil && strings.EqualFold(property.Encoding, "base16")
	}
}
