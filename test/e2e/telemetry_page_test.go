//go:build unix

package e2e

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"

	"target-postgres/internal/otlpreceiver"
	"target-postgres/internal/pgtest"
)

// The page says which metrics, spans and attributes there are. Runs of every kind send all of those, and no other.
func TestMetricsPageSaysWhatACollectorIsTold(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := readTelemetryPage(t, string(page))
	collector := otlpreceiver.Start(t)
	runsOfEveryKind(t, collector)

	seen := map[string]pageRow{}
	for name, all := range collector.Metrics() {
		row := pageRow{fixed: kindOfMetric(all[0]) + " " + all[0].GetUnit(), attributes: map[string]bool{}}
		for _, p := range collector.Points(name) {
			row.add(p.Attributes)
		}
		seen[name] = row
	}
	for _, span := range collector.Spans() {
		name := spanOnPage(span.GetName())
		if seen[name].attributes == nil {
			kind := strings.TrimPrefix(span.GetKind().String(), "SPAN_KIND_")
			seen[name] = pageRow{fixed: strings.ToLower(kind), attributes: map[string]bool{}}
		}
		seen[name].add(otlpreceiver.Attributes(span.GetAttributes()))
	}
	for _, name := range slices.Sorted(maps.Keys(documented)) {
		documented[name].compare(t, name, seen[name])
	}
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		if _, is := documented[name]; !is {
			t.Errorf("the page lacks %s: %s", name, seen[name])
		}
	}
}

// pageRow is a row of a table of the page.
type pageRow struct {
	// fixed is the type and unit of a metric, or the kind of a span.
	fixed      string
	attributes map[string]bool
}

// sometimes are attributes that the runs of the test do not have on every metric and span that may have them.
var sometimes = []string{"error.type", "db.response.status_code", "target_postgres.error.kind", "target_postgres.stream.namespace"}

// compare compares what the page says of something with what a collector sees of it.
func (r pageRow) compare(t *testing.T, name string, seen pageRow) {
	t.Helper()
	if r.fixed != seen.fixed {
		t.Errorf("the page says of %s that it is %q, and it is %q", name, r.fixed, seen.fixed)
	}
	for key := range r.attributes {
		if !seen.attributes[key] && !slices.Contains(sometimes, key) {
			t.Errorf("%s never has the attribute %s of the page", name, key)
		}
	}
	for key := range seen.attributes {
		if !r.attributes[key] {
			t.Errorf("the page does not say that %s has the attribute %s", name, key)
		}
	}
}

// runsOfEveryKind loads and fails in each way that tells something else.
func runsOfEveryKind(t *testing.T, collector *otlpreceiver.Receiver) {
	t.Helper()
	started := func(settings map[string]any) *told {
		run := newTold(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL)
		maps.Copy(run.settings, settings)
		return run
	}
	keyed := started(map[string]any{"load_mode": "upsert", "batch_max_rows": 1})
	keyed.load(t, schemaOf("users"), recordOf("users", 1, "a"), recordOf("users", 1, "b"), stateOf(1))
	keyed.succeeds(t)
	keyed.settings["streams"] = map[string]any{"users": map[string]any{"indexes": []any{[]string{"v"}}}}
	keyed.load(t, schemaOf("users"), recordOf("users", 1, "c"), stateOf(2))
	keyed.succeeds(t)

	replaced := started(map[string]any{"load_mode": "replace"})
	replaced.load(t, schemaOf("users"), schemaOf("orders"), recordOf("users", 1, "a"), stateOf(1))
	replaced.succeeds(t)

	airbyte := started(nil)
	stream := map[string]any{"name": "t", "namespace": "n", "json_schema": map[string]any{"properties": map[string]any{"id": map[string]any{"type": "integer"}}}}
	airbyte.airbyte = map[string]any{"streams": []any{map[string]any{"stream": stream, "sync_mode": "incremental", "destination_sync_mode": "append"}}}
	pgtest.Execute(t, `CREATE SCHEMA IF NOT EXISTS n`)
	airbyte.settings["streams"] = map[string]any{"n.t": map[string]any{"schema": airbyte.schema}}
	airbyte.load(t, `{"type":"RECORD","record":{"stream":"t","namespace":"n","emitted_at":1,"data":{"id":1}}}`)

	const function = `CREATE SEQUENCE %[1]s.calls; CREATE FUNCTION %[1]s.no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN %[2]s; RETURN NEW; END'; CREATE %[3]s ON %[1]s.users %[4]s FOR EACH ROW EXECUTE FUNCTION %[1]s.no()`
	for _, test := range []struct{ does, trigger, when string }{
		{"RAISE integrity_constraint_violation", "TRIGGER no BEFORE UPDATE", ""},
		{"RAISE integrity_constraint_violation", "CONSTRAINT TRIGGER no AFTER INSERT", "DEFERRABLE INITIALLY DEFERRED"},
		{"IF nextval(TG_TABLE_SCHEMA || ''.calls'') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF", "TRIGGER no BEFORE UPDATE", ""},
	} {
		run := started(map[string]any{"load_mode": "upsert"})
		pgtest.Execute(t, fmt.Sprintf(`CREATE TABLE %[1]s.users (id bigint PRIMARY KEY, v text); INSERT INTO %[1]s.users VALUES (1, 'a')`, run.schema),
			fmt.Sprintf(function, run.schema, test.does, test.trigger, test.when))
		run.load(t, schemaOf("users"), recordOf("users", 1, "no"), recordOf("users", 2, "no"))
		if failed := run.err != nil; failed == strings.Contains(test.does, "terminate") {
			t.Errorf("%s %s: the run ended with %v\n%s", test.trigger, test.does, run.err, run.stderr)
		}
	}
}

func (r pageRow) String() string {
	return r.fixed + " " + strings.Join(slices.Sorted(maps.Keys(r.attributes)), " ")
}

func (r pageRow) add(attributes map[string]string) {
	for key := range attributes {
		r.attributes[key] = true
	}
}

var (
	telemetryRow  = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (.*) \\|$")
	attributeName = regexp.MustCompile("`([a-z_.]+)`")
)

// readTelemetryPage reads the tables of the page, by the names of metrics and spans, with the groups of attributes
// resolved.
func readTelemetryPage(t *testing.T, page string) map[string]pageRow {
	t.Helper()
	section := func(title string) [][]string {
		_, text, found := strings.Cut(page, title)
		if !found {
			t.Fatalf("the page has no section %q", title)
		}
		text, _, _ = strings.Cut(text, "\n#")
		return telemetryRow.FindAllStringSubmatch(text, -1)
	}
	groups := map[string][]string{}
	for _, row := range section("\n### Attributes\n") {
		group, _, _ := strings.Cut(row[2], " |")
		groups[group] = append(groups[group], row[1])
	}
	groups["stream"] = append(groups["stream"], groups["database"]...)
	rows := map[string]pageRow{}
	add := func(name, fixed, cell string) {
		row := pageRow{fixed: fixed, attributes: map[string]bool{}}
		for part := range strings.SplitSeq(cell, ", ") {
			for _, key := range groups[part] {
				row.attributes[key] = true
			}
			if found := attributeName.FindStringSubmatch(part); found != nil {
				row.attributes[found[1]] = true
			}
		}
		rows[name] = row
	}
	for _, row := range section("\n## Metrics\n") {
		cells := strings.Split(row[2], " | ")
		add(row[1], cells[0]+" "+strings.Trim(cells[1], "`"), cells[2])
	}
	for _, row := range section("\n## Trace\n") {
		cells := strings.Split(row[2], " | ")
		add(row[1], cells[0], cells[2])
	}
	return rows
}

func kindOfMetric(one *metrics.Metric) string {
	switch {
	case one.GetHistogram() != nil:
		return "histogram"
	case one.GetSum().GetIsMonotonic():
		return "counter"
	default:
		return "gauge"
	}
}

// spanOnPage is the name of a span as the page has it.
func spanOnPage(name string) string {
	switch operation, _, _ := strings.Cut(name, " "); operation {
	case "COPY", "MERGE":
		return operation + " {table}"
	case "COMMIT":
		return operation + " {database}"
	}
	return name
}
