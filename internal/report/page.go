// Package report writes the summary of a run as a page for people: one HTML file that needs nothing beside it.
package report

import (
	_ "embed" // for the page
	"fmt"
	"html/template"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"target-postgres/target/summary"
)

//go:embed page.html
var page string

// full is the length of the longest bar, in percent of the width that there is.
const full = 100

// Write writes the page of a summary. It holds names of streams, tables and columns, counts, reasons and durations;
// never a value of a record, since the summary has none. Every text is escaped.
func Write(w io.Writer, s *summary.Run) error {
	tmpl, err := template.New("page").Funcs(template.FuncMap{
		"count": grouped, "duration": duration, "when": when, "share": share(s),
	}).Parse(page)
	if err != nil {
		return fmt.Errorf("the page of the summary: %w", err)
	}
	return tmpl.Execute(w, view{Run: s, Total: total(s)})
}

// view is what the page shows.
type view struct {
	*summary.Run

	Total totals
}

// totals are sums over the streams.
type totals struct{ Read, Loaded, Rejected, Failed int64 }

func total(s *summary.Run) (sum totals) {
	for _, one := range s.Streams {
		sum.Read += one.Read
		sum.Loaded += one.Loaded
		sum.Rejected += one.Rejected
		if one.Error != "" {
			sum.Failed++
		}
	}
	return sum
}

// share returns the length of a stream's bar: its duration, in percent of the longest.
func share(s *summary.Run) func(seconds float64) string {
	longest := 0.0
	for _, one := range s.Streams {
		longest = max(longest, one.Seconds)
	}
	return func(seconds float64) string {
		if longest == 0 {
			return "0"
		}
		return strconv.Itoa(int(math.Round(full * seconds / longest)))
	}
}

// grouped is a count with a comma between groups of three digits, as in the documentation.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	var out strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteRune(d)
	}
	return out.String()
}

// duration is a number of seconds as people say it.
func duration(seconds float64) string {
	if seconds < float64(time.Minute/time.Second) {
		return strconv.FormatFloat(seconds, 'f', -1, 64) + " s"
	}
	return (time.Duration(seconds) * time.Second).String()
}

// when is an instant to the second, in UTC.
func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
