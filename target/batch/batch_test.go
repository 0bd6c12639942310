package batch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"target-postgres/internal/pgtest"
)

// batchOf is a batch of CSV lines, newlines not included; row i stands on line i+1 of the input.
func batchOf(rows ...string) *Batch {
	b, pool := &Batch{}, NewPool(0)
	for i, row := range rows {
		chunk := b.Room(pool, len(row)+1)
		b.Add(append(append(chunk, row...), '\n'), PositionOf(int64(i+1), 0))
	}
	return b
}

// rowsOf are the CSV lines of a batch as its reader sends them, cut where its rows end.
func rowsOf(t *testing.T, b *Batch) []string {
	t.Helper()
	sent, err := io.ReadAll(b.Reader(nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	if len(sent) != b.Size {
		t.Errorf("the batch sends %d bytes and says it has %d", len(sent), b.Size)
	}
	rows := make([]string, 0, b.Rows())
	for i := range b.Rows() {
		row := string(b.Row(i))
		rest, found := bytes.CutPrefix(sent, []byte(row+"\n"))
		if !found {
			t.Fatalf("row %d is %q and what is sent goes on with %.40q", i, row, sent)
		}
		rows, sent = append(rows, row), rest
	}
	if len(sent) > 0 {
		t.Errorf("%q is sent and belongs to no row", sent)
	}
	return rows
}

func TestAPositionKeepsItsLine(t *testing.T) {
	t.Parallel()
	for _, line := range []int64{1, 2, 1 << 24, 1 << 34} {
		for _, record := range []int{0, 1, 1<<positionBits - 1} {
			p := PositionOf(line, record)
			if p.Line() != line || p.Record() != int64(record) {
				t.Errorf("position of line %d, record %d says line %d, record %d", line, record, p.Line(), p.Record())
			}
			for _, further := range []int{0, 1, 1 << positionBits} { // a STATE on the next line must not cover less
				if next := PositionOf(line+1, 0); PositionOf(line, record+further) >= next {
					t.Errorf("record %d of line %d does not stand before line %d", record+further, line, line+1)
				}
			}
		}
	}
}

func TestABatchSendsItsRowsInOrder(t *testing.T) {
	t.Parallel()
	var rows []string
	for i := range 20_000 {
		rows = append(rows, fmt.Sprintf("%d,%q", i, strings.Repeat("x", i%97)))
	}
	b := batchOf(rows...)
	if b.Rows() != len(rows) {
		t.Fatalf("%d rows, want %d", b.Rows(), len(rows))
	}
	if len(b.Chunks) < 3 {
		t.Errorf("%d bytes lie in %d chunks: the test does not cross chunks", b.Size, len(b.Chunks))
	}
	// One Read fills what it is given: COPY sends it as one message.
	reader, buffer := b.Reader(nil, nil), make([]byte, 100_000)
	if n, err := reader.Read(buffer); n != len(buffer) || err != nil {
		t.Errorf("the first Read returned %d bytes and %v, want a full buffer", n, err)
	}
	sent, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	got := string(buffer) + string(sent)
	if want := strings.Join(rows, "\n") + "\n"; got != want {
		t.Errorf("what is sent differs from the rows (%d bytes, want %d)", len(got), len(want))
	}
	if n, err := reader.Read(buffer); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("a Read at the end returned %d and %v", n, err)
	}
}

func TestARowLargerThanAChunkHasAChunkOfItsOwn(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 3*largeChunk)
	rows := []string{"1", large, "3", large + "y", "5"}
	b := batchOf(rows...)
	if diff := cmp.Diff(rows, rowsOf(t, b)); diff != "" {
		t.Errorf("rows (-want +got):\n%.400s", diff)
	}
	for i, chunk := range b.Chunks {
		if cap(chunk) > len(large)+2 {
			t.Errorf("chunk %d has room for %d bytes, more than its row of %d needs", i, cap(chunk), len(large)+2)
		}
	}
}

func TestARowThatOutgrowsItsRoomIsKept(t *testing.T) {
	t.Parallel()
	b, pool := &Batch{}, NewPool(0)
	b.Add(append(b.Room(pool, 10), "first\n"...), PositionOf(1, 0))
	// Encoding may need more than was asked for: append then moves the chunk.
	long := strings.Repeat("y", 2*firstChunk)
	b.Add(append(append(b.Room(pool, 10), long...), '\n'), PositionOf(2, 0))
	b.Add(append(b.Room(pool, 10), "third\n"...), PositionOf(3, 0))
	if diff := cmp.Diff([]string{"first", long, "third"}, rowsOf(t, b)); diff != "" {
		t.Errorf("rows (-want +got):\n%.400s", diff)
	}
}

func TestChunksFitTheirRows(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name          string
		n, need, want int
	}{
		{"the first is small", 0, 1, firstChunk},
		{"unless its row is not", 0, WholeChunk / 2, WholeChunk / 2},
		{"those after it grow", 1, 1, 2 * firstChunk},
		{"to whole ones", 2, 1, WholeChunk},
		{"and stay so", 100, WholeChunk / 2, WholeChunk},
		{"long rows have several in one", 0, WholeChunk/2 + 1, largeChunk},
		{"also later", 7, WholeChunk, largeChunk},
		{"a very long one has its own", 7, largeChunk + 1, largeChunk + 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := cap(NewPool(0).get(test.n, test.need)); got != test.want {
				t.Errorf("a chunk of %d bytes, want %d", got, test.want)
			}
		})
	}
}

// memoryOf identifies the array behind a chunk.
func memoryOf(chunk []byte) *byte { return &chunk[:1][0] }

func TestChunksAreUsedAgainAndOthersAreNot(t *testing.T) {
	t.Parallel()
	pool := NewPool(2)
	small, large := make([]byte, 5, firstChunk), make([]byte, 5, largeChunk)
	first, second, third := make([]byte, 5, WholeChunk), make([]byte, 5, WholeChunk), make([]byte, 5, WholeChunk)
	for _, chunk := range [][]byte{small, large, first, second, third} {
		pool.put(chunk)
	}
	for i, want := range [][]byte{first, second} {
		got := pool.get(20, 100)
		if memoryOf(got) != memoryOf(want) || len(got) != 0 {
			t.Errorf("chunk %d is not the one that was given back, or not empty (%d bytes)", i, len(got))
		}
	}
	if memoryOf(pool.get(0, 100)) != memoryOf(small) {
		t.Error("the first chunk of a batch is not the small one that was given back")
	}
	fresh := pool.get(20, 100)
	for _, chunk := range [][]byte{small, large, third} {
		if memoryOf(fresh) == memoryOf(chunk) {
			t.Errorf("a chunk of %d bytes was kept beyond the pool's two", cap(chunk))
		}
	}
}

func TestARecycledBatchIsEmptyAndKeepsItsMemory(t *testing.T) {
	t.Parallel()
	pool := NewPool(300)
	b := pool.Batch(0)
	row := strings.Repeat("z", 1000) + "\n"
	for i := range 3000 {
		b.Add(append(b.Room(pool, len(row)), row...), PositionOf(int64(i), 0))
	}
	b.Duplicates, b.Patched, b.Removed, b.Timeless = true, true, true, true
	whole := map[*byte]bool{}
	for _, chunk := range b.Chunks {
		if cap(chunk) == WholeChunk {
			whole[memoryOf(chunk)] = true
		}
	}
	b.Recycle(pool)
	again := pool.Batch(3000)
	if again != b {
		t.Error("the pool returns another batch than the one given back")
	}
	if again.Rows() != 0 || again.Size != 0 || len(again.Chunks) != 0 || again.Duplicates || again.Patched || again.Removed || again.Timeless {
		t.Errorf("the batch is not empty: %d rows, %d bytes, %d chunks, flags %t %t %t %t", again.Rows(), again.Size, len(again.Chunks),
			again.Duplicates, again.Patched, again.Removed, again.Timeless)
	}
	if cap(again.RowsAt) < 3000 {
		t.Errorf("there is room for %d rows, want the 3000 of before", cap(again.RowsAt))
	}
	reused := 0
	for range len(whole) {
		if whole[memoryOf(pool.get(9, 1))] {
			reused++
		}
	}
	if reused != len(whole) || reused == 0 {
		t.Errorf("%d of %d whole chunks came back", reused, len(whole))
	}
}

func TestABatchWithoutSomeRowsIsTheOthersAsTheyWere(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 8))
	for range 200 {
		var rows []string
		for range 1 + random.IntN(30) {
			rows = append(rows, randomRow(random))
		}
		dropped := map[int]bool{}
		for i := range rows {
			dropped[i] = random.IntN(3) == 0
		}
		b := batchOf(rows...)
		b.Duplicates, b.Patched, b.Removed, b.Timeless = true, true, true, true
		kept := b.Without(func(i int) bool { return dropped[i] })
		var want []string
		var lines []int64
		for i, row := range rows {
			if !dropped[i] {
				want, lines = append(want, row), append(lines, int64(i+1))
			}
		}
		if diff := cmp.Diff(strings.Join(want, "\n"), strings.Join(rowsOf(t, kept), "\n")); diff != "" {
			t.Fatalf("rows (-want +got):\n%s", diff)
		}
		for i, at := range kept.RowsAt {
			if at.Line() != lines[i] {
				t.Fatalf("row %d stands on line %d, want %d", i, at.Line(), lines[i])
			}
		}
		if !kept.Duplicates || !kept.Patched || !kept.Removed || !kept.Timeless {
			t.Fatal("what the batch may hold is forgotten")
		}
		if diff := cmp.Diff(rows, rowsOf(t, b)); diff != "" {
			t.Fatalf("the batch itself changed (-want +got):\n%s", diff)
		}
	}
}

// randomRow is a CSV line of fields that end lines, quote and separate.
func randomRow(random *rand.Rand) string {
	pieces := []string{"a", "\n", "\r", "\r\n", `""`, ",", "é", `\.`, "\n\n", "\x01"}
	var b strings.Builder
	for field := range 3 {
		if field > 0 {
			b.WriteByte(',')
		}
		if random.IntN(4) == 0 {
			continue
		}
		b.WriteByte('"')
		for range random.IntN(5) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		b.WriteByte('"')
	}
	return b.String()
}

func TestALineOfCOPYIsFoundInTheRowThatHoldsIt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		rows []string
		want []int // the row of line 1, 2, …
	}{
		{"no rows", nil, nil},
		{"one line each", []string{"1", "2", "3"}, []int{0, 1, 2}},
		{"newlines in quotes", []string{"1", "\"a\nb\nc\"", "3"}, []int{0, 1, 1, 1, 2}},
		{"newlines in the first row do not count", []string{"\"a\nb\"", "2", "\"a\nb\"", "4"}, []int{0, 1, 2, 2, 3}},
		{"carriage returns count in the first row only", []string{"\"a\rb\r\"", "\"a\rb\"", "3"}, []int{0, 0, 0, 1, 2}},
		{"a quoted quote ends nothing", []string{"1", "\"a\"\"\nb\"", "3"}, []int{0, 1, 1, 2}},
		{"an empty row is a line", []string{"", "", "3"}, []int{0, 1, 2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := batchOf(test.rows...)
			for i, want := range test.want {
				if got := b.RowAt(int64(i + 1)); got != want {
					t.Errorf("line %d is in row %d, want %d", i+1, got, want)
				}
			}
			if got := b.RowAt(int64(len(test.want) + 1)); got != -1 {
				t.Errorf("the line after the last is in row %d, want none", got)
			}
		})
	}
}

// TestTheServersLineNumbersNameTheRefusedRow asks COPY itself where it stopped.
func TestTheServersLineNumbersNameTheRefusedRow(t *testing.T) {
	t.Parallel()
	conn := pgtest.Connect(t)
	if _, err := conn.Exec(t.Context(), "CREATE TEMP TABLE copied (n integer, a text, b text, c text)"); err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`^COPY copied, line (\d+), column n`)
	random := rand.New(rand.NewPCG(3, 4))
	for round := range 150 {
		var rows []string
		for range 1 + random.IntN(12) {
			rows = append(rows, "1,"+randomRow(random))
		}
		bad := random.IntN(len(rows))
		rows[bad] = "x" + rows[bad][1:]
		b := batchOf(rows...)
		_, err := conn.PgConn().CopyFrom(t.Context(), b.Reader(nil, nil), "COPY copied FROM STDIN WITH (FORMAT csv)")
		var refused *pgconn.PgError
		if !errors.As(err, &refused) {
			t.Fatalf("round %d: COPY returned %v, want it to refuse row %d of %q", round, err, bad, rows)
		}
		found := line.FindStringSubmatch(refused.Where)
		if found == nil {
			t.Fatalf("round %d: COPY says %q", round, refused.Where)
		}
		n, _ := strconv.ParseInt(found[1], 10, 64)
		if got := b.RowAt(n); got != bad {
			t.Fatalf("round %d: COPY stopped at line %d, which is in row %d, and refused row %d of %q", round, n, got, bad, rows)
		}
	}
}

func TestAReaderThatIsClosedReadsNoFurther(t *testing.T) {
	t.Parallel()
	b := &Batch{}
	pool := NewPool(1)
	b.Add(append(b.Room(pool, 10), "1,2\n"...), PositionOf(1, 0))
	rows := b.Reader(nil, nil)
	if n, err := rows.Read(make([]byte, 2)); n != 2 || err != nil {
		t.Fatalf("read %d bytes: %v", n, err)
	}
	rows.Close()
	b.Recycle(pool)
	if n, err := rows.Read(make([]byte, 2)); n != 0 || err != io.EOF {
		t.Errorf("read %d bytes of what may be another batch's: %v", n, err)
	}
}
