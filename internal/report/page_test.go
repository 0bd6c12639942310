package report_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"target-postgres/internal/report"
	"target-postgres/target/ddl"
	"target-postgres/target/stats"
	"target-postgres/target/summary"
)

// failed is a summary with everything that a page can show.
func failed() *summary.Run {
	return &summary.Run{
		Error: `input line 12, stream "orders": the table <orders> & its index`, Started: time.Date(2026, 11, 27, 2, 30, 0, 0, time.UTC), Seconds: 83.4, Lines: 1234567,
		Streams: []summary.Stream{
			{Stream: "customers", Schema: "raw", Table: "customers", Mode: "upsert", Read: 1200000, Loaded: 1199998, Inserted: 1000, Updated: 250000, Unchanged: 948998, Ignored: 7, Rejected: 2, Seconds: 80},
			{Stream: "orders", Schema: "raw", Table: "orders", Mode: "history", Error: `a value of column "amount" does not fit`, Read: 10, Seconds: 8},
			{Stream: "a_stream_with_a_name_that_is_so_long_that_it_fits_on_no_telephone", Schema: "raw", Table: "a_table_with_a_name_that_is_so_long_that_it_fits_on_no_telephone", Mode: "append", Read: 12345678901, Seconds: 0.02},
		},
		Rejects: []stats.RejectSummary{
			{Stream: "customers", Column: "age", Reason: "the number is no integer", Count: 1, FirstLine: 77},
			{Stream: "customers", Count: 1},
		},
		SchemaChanges: []ddl.Change{{Stream: "customers", Change: `added column "age" integer to "raw"."customers"`}},
	}
}

func page(t *testing.T, s *summary.Run) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.Write(&out, s); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPageSaysWhatTheSummarySays(t *testing.T) {
	t.Parallel()
	got := page(t, failed())
	for _, want := range []string{
		"Failed", "1,200,000 read", "1,199,998 loaded", "2 rejected", "raw.customers", "history", "1m23s",
		`the table &lt;orders&gt; &amp; its index`, `column "age": the number is no integer`, "7 ignored", "first on line 77", "other reasons", "added column", "width: 100%", "width: 10%", "width: 0%", "(1 failed)",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if done := page(t, &summary.Run{Complete: true}); !strings.Contains(done, "Completed") || !strings.Contains(done, "The input had no streams") || strings.Contains(done, "Failed") {
		t.Errorf("the page of an empty run:\n%s", done)
	}
}

func TestPageNeedsNothingBesideIt(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"http:", "https:", "src=", "href=", "@import", "url(", "<script"} {
		if strings.Contains(page(t, failed()), word) {
			t.Errorf("the page has %s", word)
		}
	}
}
