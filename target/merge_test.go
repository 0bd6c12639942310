package target_test

import (
	"fmt"
	"strings"
	"testing"

	"target-postgres/target/failure"
)

// manyStreams are the messages of streams with so many columns that their merges do not fit into one script.
func manyStreams(streams int, v string) []string {
	var properties []string
	for i := range 60 {
		properties = append(properties, fmt.Sprintf(`"column_%d":{"type":["null","string"]}`, i))
	}
	messages := make([]string, 0, 2*streams)
	for i := range streams {
		name := fmt.Sprintf("s%d", i)
		messages = append(messages, schemaOf(name, `{"id":{"type":"integer"},"v":{"type":"string"},`+strings.Join(properties, ",")+`}`, "id"))
	}
	for i := range 2 * streams {
		messages = append(messages, record(fmt.Sprintf("s%d", i%streams), fmt.Sprintf(`{"id":%d,"v":%q}`, i/streams, v)))
	}
	return messages
}

func TestManyStreamsOfACheckpointAreMergedTogether(t *testing.T) {
	t.Parallel()
	const streams = 70
	d := look(t)
	for _, v := range []string{"a", "b"} {
		d.mustLoad(nil, manyStreams(streams, v)...)
	}
	union := make([]string, streams)
	for i := range union {
		union[i] = fmt.Sprintf("SELECT v, xmin::text FROM s%d", i)
	}
	d.want("SELECT v, count(*), count(DISTINCT xmin) FROM ("+strings.Join(union, " UNION ALL ")+") AS r GROUP BY v", fmt.Sprintf("b | %d | 1", 2*streams))
}

func TestTheStreamWhoseMergeFailsIsNamedAmongMany(t *testing.T) {
	t.Parallel()
	const streams = 70
	d := look(t)
	d.mustLoad(nil, manyStreams(streams, "a")...)
	for _, failing := range []string{"s0", "s33", "s69"} {
		d.run("ALTER TABLE " + failing + " ADD CONSTRAINT short CHECK (v <> 'c')")
		refused(t, d.load(nil, manyStreams(streams, "c")...), failure.Row, `stream "`+failing+`"`, "short")
		d.run("ALTER TABLE " + failing + " DROP CONSTRAINT short")
	}
}
