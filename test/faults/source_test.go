//go:build unix

package faults

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// source is one stream of a tap.
type source struct {
	name string
	keys []string
	// weight is how often it speaks, compared with the others.
	weight int
	// marks says that it sends tombstones; declared, that its schema has the field for them.
	marks, declared bool
	// patch is for a source that sends only the fields that changed.
	patch bool
	// extended is set when a field is added half way.
	extended bool
	// versions is the script of a source that is read in full passes, nil for others.
	versions []step
	// key draws a key: as the tables are read back, and as fields.
	key func(r *rand.Rand) (string, map[string]any)

	// last is what was said last of a key that was not removed since.
	last map[string]said
	// passed are the keys of the current full pass.
	passed map[string]bool
}

type said struct {
	event  event
	fields map[string]any
}

// step is one message of a full pass.
type step struct {
	version  int
	activate bool
	key      string
	id       map[string]any
}

// sources are a busy stream with a composite key and a field that comes later, one whose schema does not declare its
// tombstones, one of partial records, one that is read in full passes, and a quiet one; keyless adds one without a key.
func sources(keyless bool) []*source {
	all := []*source{
		{name: "orders", keys: []string{"region", "id"}, weight: 60, marks: true, declared: true, key: orderKey},
		{name: "users", keys: []string{"id"}, weight: 25, marks: true, key: userKey},
		{name: "prices", keys: []string{"sku", "day"}, weight: 10, patch: true, key: priceKey},
		{name: "stock", keys: []string{"id"}, weight: 10, versions: passes()},
		{name: "notes", keys: []string{"id"}, weight: 2, key: userKey},
	}
	if keyless {
		all = append(all, &source{name: "visits", weight: 10, key: visitKey})
	}
	for _, s := range all {
		s.last, s.passed = map[string]said{}, map[string]bool{}
	}
	return all
}

func orderKey(r *rand.Rand) (string, map[string]any) {
	region, id := []string{"north", "south", `e"as't, \`}[r.IntN(3)], r.IntN(30)
	return fmt.Sprintf("%s/%d", region, id), map[string]any{"region": region, "id": id}
}

func userKey(r *rand.Rand) (string, map[string]any) {
	id := r.IntN(50)
	return fmt.Sprint(id), map[string]any{"id": id}
}

func priceKey(r *rand.Rand) (string, map[string]any) {
	sku, day := string(rune('A'+r.IntN(8))), fmt.Sprintf("2024-02-%02d", 27+r.IntN(3))
	return sku + "/" + day, map[string]any{"sku": sku, "day": day}
}

func visitKey(r *rand.Rand) (string, map[string]any) { return "", map[string]any{"page": r.IntN(5)} }

// passes are two full passes; the second lacks every third key.
func passes() []step {
	var steps []step
	for version := 2; version <= 3; version++ {
		for id := range 20 {
			if version == 3 && id%3 == 0 {
				continue
			}
			steps = append(steps, step{version: version, key: fmt.Sprint(id), id: map[string]any{"id": id}})
		}
		steps = append(steps, step{version: version, activate: true})
	}
	return steps
}

// schema is the SCHEMA message of a source as it is now.
func (s *source) schema() string {
	const nullable = `{"type":["null",%q]}`
	properties := []string{
		`"rev":{"type":"integer"}`, `"label":` + fmt.Sprintf(nullable, "string"), `"amount":` + fmt.Sprintf(nullable, "number"),
		`"active":` + fmt.Sprintf(nullable, "boolean"), `"doc":` + fmt.Sprintf(nullable, "object"),
		`"at":{"type":["null","string"],"format":"date-time"}`,
	}
	for _, key := range append(slices.Clone(s.keys), "page") {
		switch key {
		case "id":
			properties = append(properties, `"id":{"type":"integer"}`)
		case "day":
			properties = append(properties, `"day":{"type":"string","format":"date"}`)
		case "page":
			if len(s.keys) == 0 {
				properties = append(properties, `"page":{"type":"integer"}`)
			}
		default:
			properties = append(properties, fmt.Sprintf(`%q:{"type":"string"}`, key))
		}
	}
	if s.declared {
		properties = append(properties, `"_sdc_deleted_at":{"type":["null","string"],"format":"date-time"}`)
	}
	if s.extended {
		properties = append(properties, `"extra":`+fmt.Sprintf(nullable, "string"))
	}
	patch := ""
	if s.patch {
		patch = `,"x-pipelinewise-record-update-mode":"PATCH"`
	}
	keys := asJSON(append([]string{}, s.keys...))
	return fmt.Sprintf(`{"type":"SCHEMA","stream":%q,"schema":{"type":"object","properties":{%s}%s},"key_properties":%s}`,
		s.name, strings.Join(properties, ","), patch, keys)
}

// labels are texts that a careless writer of CSV, SQL or JSON would get wrong.
var labels = []any{
	"", "plain", `q"uo""te`, "new\nline", "cr\r\nlf\ttab,comma;", "naïve ☃ 😀", `back\slash\\n\N`, `\.`, "NULL", "'; DROP TABLE orders; --", nil,
}

// values draws the fields of a record beside its key.
func (s *source) values(r *rand.Rand) map[string]any {
	fields := map[string]any{
		"label":  labels[r.IntN(len(labels))],
		"amount": float64(r.IntN(100_000)) / 100,
		"active": r.IntN(2) == 0,
		"doc":    map[string]any{"n": r.IntN(9), "deep": []any{map[string]any{"text": labels[r.IntN(len(labels))]}}},
		"at":     fmt.Sprintf("2024-03-%02dT10:%02d:00+0%d:00", 1+r.IntN(28), r.IntN(60), r.IntN(10)),
	}
	if r.IntN(40) == 0 {
		fields["label"] = strings.Repeat("long and winding ", 500)
	}
	if s.extended {
		fields["extra"] = fmt.Sprint("more ", r.IntN(100))
	}
	return fields
}
