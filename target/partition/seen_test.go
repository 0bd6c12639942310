package partition

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPeriodsOfRows(t *testing.T) {
	t.Parallel()
	window := setting(t, `{"column": "at", "every": "day"}`).NewWindow(at(t, "2026-11-27T00:00:00Z"))
	for value, want := range map[string]string{
		`"2026-11-27"`:                   "_2026_11_27",
		`"2026-11-27T10:00:00Z"`:         "_2026_11_27",
		`"2026-11-27 10:00:00.123456"`:   "_2026_11_27",
		`"2026-11-27T23:30:00-05:00"`:    "_2026_11_28",
		`"2026-11-27T23:30:00-0530"`:     "_2026_11_28",
		`"2026-11-27 00:30:00+01"`:       "_2026_11_26",
		`"2026-11-27 05:30:00+05:30:01"`: "_2026_11_26",
		`"2026-11-27T24:00:00Z"`:         "_2026_11_28",
		`"2026-11-27T23:59:60Z"`:         "_2026_11_28",
		`"2026-11-27T23:59:59.9999999Z"`: "_2026_11_27 _2026_11_28",
		`"0044-03-15 00:00:00+00 BC"`:    "",
		`"infinity"`:                     "",
		`"-infinity"`:                    "",
		`"12026-11-27 00:00:00+00"`:      "",
		`"2099-11-27T10:00:00Z"`:         "",
		``:                               "",
		`""`:                             "",
		`"x"`:                            "",
		`"0001-01-01T00:00:00+14:00"`:    "",
		`"0001-01-01"`:                   "_0001_01_01",
		`"2024-02-29T12:00:00.5+00:00"`:  "_2024_02_29",
		`"2023-02-29T12:00:00Z"`:         "",
		`"2026-11-27T10:00:00+00:00"`:    "_2026_11_27",
	} {
		// The line before has the same day: what is remembered of it must not decide about this one.
		seen := NewSeen(window)
		var keys Keys
		for _, line := range []string{"1,\"a,\"\"\n\",\"2026-11-27T01:00:00Z\",", "2,," + value + ",\"x,\"\"\n\"", "3,,,"} {
			seen.Row([]byte(line), Fields{At: 2, Key: 0, Of: 4}, &keys)
		}
		if want := (Keys{From: 1, To: 3, Known: true}); keys != want {
			t.Errorf("%s: the keys are %v", value, keys)
		}
		var got []string
		for _, p := range seen.Take() {
			got = append(got, Day.Suffix(p))
		}
		all := strings.Fields(want)
		if want != "_2026_11_27" {
			all = append([]string{"_2026_11_27"}, strings.Fields(strings.ReplaceAll(want, "_2026_11_27", ""))...)
		}
		if diff := cmp.Diff(all, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", value, diff)
		}
	}
}

func TestTheFirstRowsOfPeriods(t *testing.T) {
	t.Parallel()
	seen := NewSeen(setting(t, `{"column": "at", "every": "day"}`).NewWindow(at(t, "2026-11-27T00:00:00Z")))
	for _, test := range []struct {
		line  string
		first bool
	}{
		{"1,\"2026-11-27T01:00:00Z\"", true},
		{"\"2\n\",\"2026-11-28\"", true},
		{"3,\"2026-11-27T02:00:00Z\"", false},
		{"4,", false},
		{"5,\"2026-11-28T01:00:00Z\"", false},
		{"6,\"2026-11-29\"", true},
	} {
		if got := seen.Row([]byte(test.line), Fields{At: 1, Key: -1, Of: 2}, nil); got != test.first {
			t.Errorf("%q: first is %t", test.line, got)
		}
		if len(seen.Take()) > 0 != test.first {
			t.Errorf("%q: its period is not taken once", test.line)
		}
	}
}

func TestAPeriodIsSeenOnce(t *testing.T) {
	t.Parallel()
	seen := NewSeen(setting(t, `{"column": "at", "every": "year"}`).NewWindow(at(t, "2026-11-27T00:00:00Z")))
	seen.Row([]byte(`"2025-01-01"`), Fields{Key: -1, Of: 1}, nil)
	seen.Row([]byte(`"2026-01-01"`), Fields{Key: -1, Of: 1}, nil)
	if got := seen.Take(); len(got) != 2 {
		t.Errorf("%d years, want 2", len(got))
	}
	seen.Row([]byte(`"2025-06-01"`), Fields{Key: -1, Of: 1}, nil)
	if got := seen.Take(); len(got) != 0 {
		t.Errorf("%v is seen again", got)
	}
}

func TestWhatIsNoNumberIsNoKey(t *testing.T) {
	t.Parallel()
	seen, keys := NewSeen(setting(t, `{"column": "at", "every": "year"}`).NewWindow(at(t, "2026-11-27T00:00:00Z"))), Keys{}
	for _, number := range []string{"-7", "9223372036854775807", ""} {
		seen.Row([]byte(`"2025-01-01",`+number), Fields{Key: 1, Of: 2}, &keys)
	}
	if want := (Keys{From: -7, To: 9223372036854775807, Known: true, Others: true}); keys != want {
		t.Errorf("%v", keys)
	}
}

func BenchmarkRow(b *testing.B) {
	const line = `336775,2013,9,30,517.0,515,2.0,830.0,819,11.0,"UA",1545,"N14228","EWR","IAH",227.0,1400,5,15,"2013-09-30T10:00:00Z"`
	var keys Keys
	seen := NewSeen(Window{unit: Month})
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		seen.Row([]byte(line), Fields{At: 19, Key: 0, Of: 20}, &keys)
	}
}
