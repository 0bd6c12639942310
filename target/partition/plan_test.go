package partition

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"target-postgres/typemap"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	instant, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

func TestPeriodsAreInUTCAndWeeksBeginOnMonday(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		unit                      Unit
		instant, from, to, suffix string
	}{
		{Day, "2026-10-25T00:30:00+02:00", "2026-10-24", "2026-10-25", "_2026_10_24"},
		{Month, "2026-10-31T23:30:00-05:00", "2026-11-01", "2026-12-01", "_2026_11"},
		{Month, "2024-02-29T23:59:59Z", "2024-02-01", "2024-03-01", "_2024_02"},
		{Year, "2026-12-31T23:59:59Z", "2026-01-01", "2027-01-01", "_2026"},
		{Week, "2026-11-29T23:59:59Z", "2026-11-23", "2026-11-30", "_2026_w48"},
		{Week, "2026-11-30T00:00:00Z", "2026-11-30", "2026-12-07", "_2026_w49"},
		{Week, "2027-01-01T00:00:00Z", "2026-12-28", "2027-01-04", "_2026_w53"},
	} {
		p := test.unit.Of(at(t, test.instant))
		got := []string{p.From.Format(time.DateOnly), p.To.Format(time.DateOnly), test.unit.Suffix(p)}
		if diff := cmp.Diff([]string{test.from, test.to, test.suffix}, got); diff != "" {
			t.Errorf("%s of %s (-want +got)\n%s", test.unit, test.instant, diff)
		}
	}
}

func TestWhatIsKeptCountsFromTheStartOfTheRun(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ start, keep, oldest string }{
		{"2026-11-27T12:00:00Z", "24 months", "2024-11-01"},
		{"2026-03-31T00:00:00Z", "1 month", "2026-02-01"},
		{"2024-02-29T00:00:00Z", "1 year", "2023-02-01"},
		{"2026-11-27T12:00:00Z", "90 days", "2026-08-01"},
	} {
		s := setting(t, `{"column": "at", "every": "month", "keep": "`+test.keep+`"}`)
		w, oldest := s.NewWindow(at(t, test.start)), Month.Of(at(t, test.oldest+"T00:00:00Z"))
		if !w.Has(oldest) || w.Has(Month.Next(oldest, -1)) {
			t.Errorf("keep %s at %s: the oldest period is not that of %s", test.keep, test.start, test.oldest)
		}
		have := []Range{{Period: Month.Next(oldest, -1), Made: true, Name: "old"}, {Period: Month.Next(oldest, -2), Name: "theirs"}, {Period: oldest, Made: true}}
		if old := s.Old(at(t, test.start), have); len(old) != 1 || old[0].Name != "old" {
			t.Errorf("keep %s at %s: %v would be detached", test.keep, test.start, old)
		}
	}
}

func setting(t *testing.T, text string) Setting {
	t.Helper()
	var s Setting
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheWindowEndsTenYearsAhead(t *testing.T) {
	t.Parallel()
	w := setting(t, `{"column": "at", "every": "year"}`).NewWindow(at(t, "2026-11-27T00:00:00Z"))
	if !w.Has(Year.Of(at(t, "2036-11-27T00:00:00Z"))) || w.Has(Year.Of(at(t, "2037-01-01T00:00:00Z"))) {
		t.Error("the window does not end in the year that is ten years ahead")
	}
	if !w.Has(Year.Of(at(t, "0001-01-01T00:00:00Z"))) {
		t.Error("without keep an old year is outside")
	}
}

func TestAheadCountsThePeriodsAfterTheRuns(t *testing.T) {
	t.Parallel()
	start := at(t, "2026-11-30T23:59:59Z")
	if early := setting(t, `{"column": "at", "every": "month"}`).Early(start); len(early) != 0 {
		t.Errorf("without ahead: %v", early)
	}
	early := setting(t, `{"column": "at", "every": "month", "ahead": 2}`).Early(start)
	if len(early) != 3 || early[0] != Month.Of(start) || Month.Suffix(early[2]) != "_2027_01" {
		t.Errorf("two ahead: %v", early)
	}
}

func TestNoPlanOverlapsWhatIsThere(t *testing.T) {
	t.Parallel()
	november := Month.Of(at(t, "2026-11-15T00:00:00Z"))
	middle := Period{at(t, "2026-11-10T00:00:00Z"), at(t, "2026-11-12T00:00:00Z")}
	for _, test := range []struct {
		name string
		have []Range
		want []Period
	}{
		{"nothing", nil, []Period{november}},
		{"the month", []Range{{Period: november}}, nil},
		{"the year", []Range{{Period: Year.Of(november.From)}}, nil},
		{"all before", []Range{{Period: Period{Beginning, november.From}}}, []Period{november}},
		{"days of it", []Range{{Period: middle}}, []Period{{november.From, middle.From}, {middle.To, november.To}}},
		{"all from its middle", []Range{{Period: Period{middle.From, End}}}, []Period{{november.From, middle.From}}},
	} {
		if diff := cmp.Diff(test.want, Lacking([]Period{november, november}, test.have)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.name, diff)
		}
	}
}

func TestTheNearestPeriodsComeFirst(t *testing.T) {
	t.Parallel()
	start := at(t, "2026-11-15T00:00:00Z")
	var all []Period
	for n := -5; n < 5; n++ {
		all = append(all, Month.Next(Month.Of(start), n))
	}
	if diff := cmp.Diff(all[4:7], Nearest(all, 3, start)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var ages []Period
	for n := -1000; n < -990; n++ {
		ages = append(ages, Year.Next(Year.Of(start), n))
	}
	if diff := cmp.Diff(ages[7:], Nearest(ages, 3, start)); diff != "" {
		t.Errorf("a thousand years ago (-want +got)\n%s", diff)
	}
	if left := Nearest(all, 0, start); len(left) != 0 {
		t.Errorf("none are allowed, and %v come", left)
	}
}

func TestBoundsAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	november := Month.Of(at(t, "2026-11-15T00:00:00Z"))
	for _, kind := range []typemap.Kind{typemap.KindDate, typemap.KindTimestamp, typemap.KindTimestampTZ} {
		got, ok := Read("FOR VALUES FROM (" + Bound(kind, november.From) + ") TO (" + Bound(kind, november.To) + ")")
		if !ok || got != november {
			t.Errorf("kind %d: %v", kind, got)
		}
	}
	for bounds, want := range map[string]Period{
		"FOR VALUES FROM (MINVALUE) TO ('2026-11-01')":             {Beginning, november.From},
		"FOR VALUES FROM ('0044-03-15 BC') TO ('infinity')":        {Beginning, End},
		"FOR VALUES FROM ('2026-11-01 00:00:00') TO (MAXVALUE)":    {november.From, End},
		"FOR VALUES FROM ('2026-11-01') TO ('12026-01-01')":        {november.From, End},
		"FOR VALUES FROM ('-infinity') TO ('2026-11-01 00:00:00')": {Beginning, november.From},
	} {
		if got, ok := Read(bounds); !ok || got != want {
			t.Errorf("%s: %v", bounds, got)
		}
	}
	for _, bounds := range []string{"DEFAULT", "FOR VALUES IN ('a')", "FOR VALUES FROM ('2026-11-01', 1) TO ('2026-12-01', 1)", "FOR VALUES WITH (modulus 2, remainder 0)"} {
		if _, ok := Read(bounds); ok {
			t.Errorf("%s is read as a period", bounds)
		}
	}
}

func TestNamesFitAndDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	long := strings.Repeat("é", 31)
	for _, table := range []string{"t", long, long + "a", long + "b"} {
		for _, suffix := range []string{"_default", "_2026_11", "_2026_12"} {
			for _, name := range Names(table, suffix) {
				if seen[name] || len(name) > 63 || strings.ToValidUTF8(name, "") != name {
					t.Errorf("%q is a second name, or none", name)
				}
				seen[name] = true
			}
		}
	}
	if got := Free(Names("t", "_2026"), func(name string) bool { return name == "t_2026" }); got != "t_2026_2" {
		t.Errorf("the name after one that is taken is %q", got)
	}
}
