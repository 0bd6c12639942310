package typemap

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"target-postgres/internal/pgtest"
)

// copyTypes are the columns in which the formats of COPY are compared.
var copyTypes = []Type{
	Text, ParseType("character varying(9)"), ParseType("character(7)"), JSONB, JSON, Bool, SmallInt, Integer, BigInt, Numeric, NumericOf(9, 3),
	NumericOf(40, 20), Double, Real, Date, Time, ParseType("time(2) without time zone"), TimeTZ, Timestamp, ParseType("timestamp(3) without time zone"), TimestampTZ,
	ParseType("timestamp(0) with time zone"), UUID, Bytea, ParseType("bit varying"),
}

// TestEveryFormatOfCopyGivesTheSameRows copies random values of every type as CSV, as text and in binary.
func TestEveryFormatOfCopyGivesTheSameRows(t *testing.T) {
	t.Parallel()
	const each = 1500
	conn := pgtest.Connect(t)
	random := rand.New(rand.NewPCG(7, 22))
	for _, typ := range copyTypes {
		w := compileOne(Column{Type: typ}, PlanOptions{})
		bin, unknown := NewBinaryRows([]Type{Integer, typ})
		if unknown >= 0 {
			t.Fatalf("%s has no binary form", typ)
		}
		var rows [3][]byte
		rows[2] = []byte(BinaryHead)
		written, proved := 0, 0
		for i := range each {
			csv, err := field(w, copyValue(random, typ.Kind))
			if typ.Kind == KindOther {
				csv, err = strconv.FormatInt(random.Int64N(1<<40), 2), nil
			}
			if err != nil {
				continue
			}
			written++
			row := fmt.Appendf(nil, "%d,%s\n", i, csv)
			out, rest, ok := bin.AppendRow(rows[2], row)
			if !ok {
				continue // the row is to be sent as CSV
			}
			if len(rest) > 0 {
				t.Fatalf("%q is more than a row of %s: %q is left", row, typ, rest)
			}
			proved++
			rows[0], rows[2] = append(rows[0], row...), out
			if rows[1], rest, ok = AppendTextRow(rows[1], row); !ok || len(rest) > 0 {
				t.Fatalf("%q in %s: %t, %q is left", row, typ, ok, rest)
			}
		}
		if written < each/10 || proved < written*9/10 {
			t.Errorf("%s: of %d values %d have a field, and %d of these are proved", typ, each, written, proved)
		}
		rows[2] = append(rows[2], BinaryTail...)
		copiedAlike(t, conn, typ, rows)
	}
}

// copiedAlike copies the same rows of a number and a value as CSV, as text and in binary, and compares the tables.
func copiedAlike(t *testing.T, conn *pgx.Conn, typ Type, rows [3][]byte) {
	t.Helper()
	execOn(t, conn, `set timezone = 'America/New_York'`)
	for i, format := range []CopyFormat{CopyCSV, CopyText, CopyBinary} {
		execOn(t, conn, fmt.Sprintf("create temp table copied_%s (i int, v %s)", format, typ))
		if _, err := conn.PgConn().CopyFrom(t.Context(), bytes.NewReader(rows[i]), fmt.Sprintf("copy copied_%s from stdin (format %[1]s)", format)); err != nil {
			t.Fatalf("copy %s as %s: %v", typ, format, err)
		}
	}
	for _, format := range []CopyFormat{CopyText, CopyBinary} {
		var i int
		var was, is *string
		// The binary form of a value tells apart what prints alike, such as the digits of a numeric.
		err := conn.QueryRow(t.Context(), fmt.Sprintf(`select i, c.v::text, o.v::text from copied_csv c full join copied_%s o using (i)
			where c.v::text is distinct from o.v::text or encode(record_send(row(c.v)), 'hex') <> encode(record_send(row(o.v)), 'hex') order by i limit 1`, format)).Scan(&i, &was, &is)
		if err == nil {
			t.Errorf("%s as %s: row %d is %s, as CSV %s", typ, format, i, show(is), show(was))
		} else if !errors.Is(err, pgx.ErrNoRows) {
			t.Fatal(err)
		}
	}
	execOn(t, conn, "drop table copied_csv, copied_text, copied_binary")
}

// copyValue is a random JSON value, mostly one that the kind of column takes.
func copyValue(r *rand.Rand, k Kind) string {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	digits := func(most int) string {
		var b strings.Builder
		for range 1 + r.IntN(most) {
			b.WriteByte(byte('0' + r.IntN(10)))
		}
		return b.String()
	}
	if r.IntN(12) == 0 {
		return "null"
	}
	switch k {
	case KindBool:
		return pick("true", "false", `"yes"`, `"F"`, "1", "0")
	case KindInt2, KindInt4, KindInt8:
		return pick("", "-") + strconv.FormatInt(r.Int64()>>r.IntN(64), 10) + pick("", ".0", "e0")
	case KindNumeric, KindFloat4, KindFloat8:
		number := pick("", "-") + strconv.FormatInt(r.Int64()>>r.IntN(64), 10) + pick("", ".0", ".5", "."+digits(3), "."+digits(30), "e-7", "e12", digits(40))
		return pick(number, number, number, `" `+number+`"`, `"NaN"`, "0", "-0.0", "0.00", "1e-20", "10000", "0.0001", `"+.5"`, `"1."`)
	case KindDate, KindTimestamp, KindTimestampTZ, KindTime, KindTimeTZ:
		return `"` + copyMoment(r, k, pick, digits) + `"`
	case KindUUID:
		return `"` + fmt.Sprintf(pick("%08x-%04x-%04x-%04x-%012x", "{%08X%04X%04X%04X%012X}"), r.Uint32(), r.IntN(1<<16), r.IntN(1<<16), r.IntN(1<<16), r.Int64N(1<<48)) + `"`
	}
	var text strings.Builder
	for range r.IntN(9) {
		text.WriteString(pick(`a`, `Z`, ` `, `,`, `\"`, `\\`, `\n`, `\r`, `\t`, `\u0000`, `é`, `\ud83d\ude00`, `\ud800`, `\\N`, `\\.`, `\\x41`, `'`, `日本`))
	}
	return pick(`"`+text.String()+`"`, `"`+text.String()+`"`, `{"`+text.String()+`":[1,"`+text.String()+`",null]}`, digits(12), "true")
}

func copyMoment(r *rand.Rand, k Kind, pick func(...string) string, digits func(int) string) string {
	date := fmt.Sprintf("%04d-%02d-%02d", r.IntN(3000), 1+r.IntN(12), 1+r.IntN(28))
	clock := fmt.Sprintf("%02d:%02d:%02d", r.IntN(24), r.IntN(60), r.IntN(60)) + pick("", "."+digits(6), "."+digits(9), "."+digits(20), ".999999"+digits(3), ".5")
	zone := pick("Z", "+00", "-05:30", "+15:59", " UTC", "+0530")
	if k == KindTime {
		return pick(clock, clock, "24:00:00", "23:59:60", "23:59:59."+digits(9))
	}
	if k == KindTimeTZ {
		return pick(clock, clock+zone, "24:00:00Z", "10:11:12-03:04:05")
	}
	if odd := pick("", "", "", "infinity", "-Infinity", "0044-03-15 BC", "12345-06-07", "20200102", "2020-Feb-29", "4713-01-01 BC", "0001-01-01"); odd != "" {
		return odd
	}
	if k == KindDate {
		return date + pick("", "", "T00:00:00", " 00:00")
	}
	return date + pick("T", " ") + clock + pick(zone, "", "")
}
