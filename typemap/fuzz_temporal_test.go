package typemap

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

// FuzzTemporal offers text to the temporal types. What one takes, the server takes too, and another time zone or date
// style makes no difference. What Go reads as RFC 3339 is taken and means the same instant on the server.
func FuzzTemporal(f *testing.F) {
	for _, text := range []string{
		"2020-01-02T12:00:00Z", "2020-01-02t12:00:00.123456789+23:59", "0000-02-29 24:00", "2016-12-31T23:59:60.5Z", "294276-12-31 23:59:59 -15:59",
		"20200102T101112,5+0530", "-4713-11-24", "0044-03-15 BC", "2020-Jan-2 1:00 UTC+3", "10:11:12.5+02:00", "23:59:60", "infinity", "2020/1/2",
		"9999-12-31T23:59:59.9999995Z", "0001-01-01T00:00:00+14:00", "2020-01-02T12:00:00+00:00+00:00", "2020-01-02Z[UTC]",
	} {
		f.Add(text)
	}
	types := []Type{Date, Time, TimeTZ, Timestamp, TimestampTZ}
	conn := pgtest.Connect(f)
	execOn(f, conn, `create temp table moments (date date, time time, timetz timetz, timestamp timestamp, timestamptz timestamptz)`)
	f.Fuzz(func(t *testing.T, text string) {
		raw, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var fields []string
		for _, typ := range types {
			csv, _ := field(compileOne(Column{Type: typ}, PlanOptions{}), string(raw))
			fields = append(fields, csv)
			if csv == "" {
				continue
			}
			again, err := field(compileOne(Column{Type: typ}, PlanOptions{}), csv)
			if err != nil || again != csv && typ.Kind != KindTime && typ.Kind != KindTimeTZ {
				t.Fatalf("%s is written as %s, and that as %s, %v", raw, csv, again, err)
			}
		}
		want, err := time.Parse(time.RFC3339Nano, text)
		known := err == nil && want.UTC().Year() > 0 && !strings.Contains(text, ",")
		if known && (fields[3] == "" || fields[4] == "") {
			t.Fatalf("Go reads %s, but no timestamp takes it", text)
		}
		row := strings.Join(fields, ",")
		if row == ",,,," {
			return
		}
		there := readMoments(t, conn, row, "Asia/Kolkata", "SQL, DMY")
		here := readMoments(t, conn, row, "America/New_York", "German")
		if there != here {
			t.Fatalf("%s is written as %s and read as %s or %s", raw, row, there, here)
		}
		// PostgreSQL rounds to microseconds, by way of a float.
		if known && !strings.Contains(there, want.UTC().Format("2006-01-02 15:04:05.000000+00")) && want.Nanosecond()%1000 == 0 {
			t.Fatalf("%s is read as %s, want %s", raw, there, want.UTC())
		}
	})
}

// readMoments copies a row in a session with the given settings and returns what the server then makes of it in UTC and
// ISO.
func readMoments(t *testing.T, conn *pgx.Conn, row, zone, style string) string {
	t.Helper()
	execOn(t, conn, fmt.Sprintf(`truncate moments; set timezone = '%s'; set datestyle = '%s'`, zone, style))
	if _, err := conn.PgConn().CopyFrom(t.Context(), strings.NewReader(row+"\n"), `copy moments from stdin (format csv)`); err != nil {
		t.Fatalf("the server does not take %s: %v", row, err)
	}
	execOn(t, conn, `set timezone = 'UTC'; set datestyle = 'ISO'`)
	sql := `select moments::text || coalesce(to_char(timestamptz, ' YYYY-MM-DD HH24:MI:SS.US+00'), '') from moments`
	var text string
	if err := conn.QueryRow(t.Context(), sql).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

// The calendar is Go's, for every day that PostgreSQL knows and Go does.
func TestTheCalendarIsGregorianForAllTime(t *testing.T) {
	t.Parallel()
	for days := firstDay; days < endOfDates; days += 997 {
		year, month, day := dateOf(days)
		if back := dayNumber(year, month, day); back != days {
			t.Fatalf("day %d is %d-%d-%d, which is day %d", days, year, month, day, back)
		}
		goes := time.Unix(int64(days)*daySeconds, 0).UTC()
		if goes.Year() != year || int(goes.Month()) != month || goes.Day() != day {
			t.Fatalf("day %d is %d-%d-%d, Go says %s", days, year, month, day, goes)
		}
		if last := goes.AddDate(0, 1, -day).Day(); daysIn(year, month) != last {
			t.Fatalf("month %d of %d has %d days, Go says %d", month, year, daysIn(year, month), last)
		}
	}
}
