package target_test

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"testing"

	"target-postgres/internal/pgtest"
)

// TestFewRoundTripsComeBeforeTheFirstRow bounds what a server that is far away costs before its first COPY: to look at the
// tables, to lock and look again where one has to change, to change or create it and commit, to begin the checkpoint.
func TestFewRoundTripsComeBeforeTheFirstRow(t *testing.T) {
	t.Parallel()
	messages := func(properties string) []string {
		return []string{schemaOf("t", properties, "id"), record("t", `{"id":1,"v":"a"}`)}
	}
	id := `{"id":{"type":"integer"}}`
	tests := []struct {
		name   string
		mode   string
		before []string
		drop   bool // the schema, so that it is new as well
		most   int
	}{
		{name: "into a known table", mode: "upsert", before: messages(idAndText), most: 2},
		{name: "into a table with a new column", mode: "upsert", before: messages(id), most: 4},
		{name: "into a new table", mode: "upsert", most: 3},
		{name: "into a new table with indexes", mode: "history", most: 3},
		{name: "into a new schema", mode: "upsert", drop: true, most: 3},
		{name: "into a new table by way of another", mode: "replace", most: 5},
		{name: "into a known table by way of another", mode: "replace", before: messages(idAndText), most: 4},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := look(t)
			as := settings{"load_mode": test.mode}
			if test.before != nil {
				d.mustLoad(as, test.before...)
			}
			if test.drop {
				d.run("DROP SCHEMA " + d.schema)
			}
			line := newLine(t)
			as["url"], as["ssl_mode"] = line.url, "disable"
			d.mustLoad(as, messages(idAndText)...)
			if n := line.beforeCopy(); n < 1 || n > test.most {
				t.Errorf("%d round trips before the first COPY, want at most %d", n, test.most)
			}
			d.want("SELECT v FROM t", "a")
		})
	}
}

// line stands between a loader of one connection and the server and counts round trips.
type line struct {
	url string

	mu sync.Mutex
	// asks is true while the client has the last word. Everything until the server answers belongs to one round trip.
	asks     bool
	trips    int
	copyTrip int // the one in which the first COPY was sent
}

func newLine(t *testing.T) *line {
	t.Helper()
	u, err := url.Parse(pgtest.LoaderURL(t))
	if err != nil {
		t.Fatal("not a connection URL")
	}
	server := u.Host
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u.Host = listener.Addr().String()
	l := &line{url: u.String()}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", server)
			if err != nil {
				t.Errorf("connect to the server: %v", err)
				_ = client.Close()
				return
			}
			open.Go(func() { carry(client, to, l.asked) })
			open.Go(func() { carry(to, client, l.answered) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		open.Wait()
	})
	return l
}

func carry(from, to net.Conn, note func([]byte)) {
	defer to.Close()
	data := make([]byte, 64<<10)
	for {
		n, err := from.Read(data)
		if n > 0 {
			note(data[:n])
			if _, err := to.Write(data[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// asked counts what is asked after the login: a query, of the simple protocol or of the other.
func (l *line) asked(data []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.asks && (data[0] == 'Q' || data[0] == 'P') {
		l.trips++
	}
	if l.copyTrip == 0 && bytes.Contains(data, []byte(`COPY "`)) {
		l.copyTrip = l.trips
	}
	l.asks = true
}

func (l *line) answered([]byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asks = false
}

// beforeCopy is -1 where there was none.
func (l *line) beforeCopy() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.copyTrip - 1
}
