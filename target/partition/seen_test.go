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
		lines := "1,\"a,\"\"\n\",\"2026-11-27T01:00:00Z\"\n2,," + value + ",x\n3,,,\n"
		seen.Rows([]byte(lines), 2)
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

func TestAPeriodIsSeenOnce(t *testing.T) {
	t.Parallel()
	seen := NewSeen(setting(t, `{"column": "at", "every": "year"}`).NewWindow(at(t, "2026-11-27T00:00:00Z")))
	seen.Rows([]byte("\"2025-01-01\"\n\"2026-01-01\"\n"), 0)
	if got := seen.Take(); len(got) != 2 {
		t.Errorf("%d years, want 2", len(got))
	}
	seen.Rows([]byte("\"2025-06-01\"\n"), 0)
	if got := seen.Take(); len(got) != 0 {
		t.Errorf("%v is seen again", got)
	}
}
