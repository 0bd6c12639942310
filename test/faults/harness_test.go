//go:build unix

package faults

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"target-postgres/internal/netfault"
	"target-postgres/internal/pgtest"
)

// The harness itself: what it is to catch, it has to catch.

// TestAStateThatLeavesBeforeItsCommitIsCaught lets a loader that lies, and one that does not, do the same thing.
func TestAStateThatLeavesBeforeItsCommitIsCaught(t *testing.T) {
	t.Parallel()
	const state = `{"position":3}`
	said := &tap{messages: []message{
		{kind: "SCHEMA", stream: "users"},
		{kind: "RECORD", stream: "users", event: event{key: "7", rev: 2}},
		{kind: "STATE", state: state},
	}}
	for name, early := range map[string]bool{"early": true, "in time": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schema := pgtest.Schema(t)
			m := newMonitor(pgtest.URL(t), schema, modes()[1])
			defer m.close()
			if err := m.exec("CREATE TABLE " + m.table("users") + " (id int, rev int)"); err != nil {
				t.Fatal(err)
			}
			reading, writing, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			var verdicts []error
			out := newOutlet(reading, func(line []byte) { verdicts = append(verdicts, m.check(said, positionIn(line))) })
			p := newProxy(t, hostOf(t, pgtest.URL(t)))
			p.query = out.catchUp
			conn := connectThrough(t, p)
			do := func(sql string) {
				if _, err := conn.Exec(t.Context(), sql); err != nil {
					t.Error(err)
				}
			}
			do("BEGIN; INSERT INTO " + m.table("users") + " VALUES (7, 2)")
			if early {
				fmt.Fprintln(writing, state)
			}
			do("COMMIT")
			if !early {
				fmt.Fprintln(writing, state)
			}
			_ = writing.Close()
			<-out.ended
			_ = reading.Close()
			if len(verdicts) != 1 || (verdicts[0] != nil) != early {
				t.Errorf("early: %t, verdicts: %v", early, verdicts)
			}
		})
	}
}

func connectThrough(t *testing.T, p *proxy) *pgx.Conn {
	t.Helper()
	return pgtest.ConnectTo(t, strings.Replace(pgtest.URL(t), p.server, p.Address(), 1))
}

func TestTheProxyStrikesWhereItIsToldTo(t *testing.T) {
	t.Parallel()
	p := newProxy(t, hostOf(t, pgtest.URL(t)))
	p.strikeAt = 900
	var points []string
	p.reached = func(kind pointKind, n int) {
		points = append(points, fmt.Sprint(kind, n))
		if kind == atByte && int64(n) != p.bytes.Load() {
			t.Errorf("byte %d is reached when %d are sent", n, p.bytes.Load())
		}
		if kind == atCommitted && n == 2 {
			p.Cut(true)
		}
	}
	conn := connectThrough(t, p)
	table := pgx.Identifier{pgtest.Schema(t), "t"}.Sanitize()
	_, first := conn.Exec(t.Context(), "BEGIN; CREATE TABLE "+table+" (text text); COMMIT")
	_, second := conn.Exec(t.Context(), "BEGIN; INSERT INTO "+table+" VALUES ('"+strings.Repeat("x", 1000)+"'); COMMIT")
	if first != nil || second == nil {
		t.Errorf("errors %v and %v, want only the second COMMIT's answer to be lost", first, second)
	}
	if want := []string{"commit1", "committed1", "byte900", "commit2", "committed2"}; !slices.Equal(points, want) {
		t.Errorf("reached %v, want %v", points, want)
	}
	var rows int
	if err := pgtest.Connect(t).QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d rows are there (%v), want the one whose COMMIT came through", rows, err)
	}
}

func TestAHalfOpenConnectionLooksAliveFromTheOtherSide(t *testing.T) {
	t.Parallel()
	p := newProxy(t, hostOf(t, pgtest.URL(t)))
	conn := connectThrough(t, p)
	var pid int
	if err := conn.QueryRow(t.Context(), "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		t.Fatal(err)
	}
	release := p.Part(netfault.Client)
	if err := conn.Ping(t.Context()); err == nil {
		t.Error("the program's side is open")
	}
	alive := func() (alive bool) {
		err := pgtest.Connect(t).QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)", pid).Scan(&alive)
		if err != nil {
			t.Fatal(err)
		}
		return alive
	}
	if !alive() {
		t.Error("the server's side is closed")
	}
	release()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for alive() && ctx.Err() == nil { // the server finds out in its own time
	}
	if ctx.Err() != nil {
		t.Error("the server's side stays open")
	}
}

func TestFramesAreFoundHoweverTheyAreCut(t *testing.T) {
	t.Parallel()
	frame := func(kind, body string) string {
		return kind + string(binary.BigEndian.AppendUint32(nil, uint32(len(body)+4))) + body
	}
	stream := frame("", "\x00\x03\x00\x00user\x00\x00") + frame("Q", "BEGIN;\x00") + frame("d", "COMMIT\x00") + frame("Q", "x;\nCOMMIT\x00") +
		frame("C", "COMMIT\x00") + frame("Q", "COMMIT\x00") + frame("S", "") + frame("Q", "COMMIT;--\x00") +
		frame("Q", "COPY t FROM STDIN;\nCOMMIT\x00") + frame("d", "rows") + frame("c", "") + frame("Q", "COPY t FROM STDIN\x00") + frame("c", "")
	want := []string{"0", "Q", "d", "Q commit", "C commit", "Q commit", "S", "Q", "Q", "d", "c commit", "Q", "c"}
	for size := range len(stream) {
		s := &scanner{Frames: netfault.Frames{Untyped: true}}
		var got []string
		for _, part := range slices.Collect(slices.Chunk([]byte(stream), size+1)) {
			for len(part) > 0 {
				n, ends := s.take(part)
				part = part[n:]
				if !ends {
					continue
				}
				seen := "0"
				if s.Kind != 0 {
					seen = string(s.Kind)
				}
				if s.isCommit() {
					seen += " commit"
				}
				got = append(got, seen)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("in pieces of %d bytes (-want +got):\n%s", size+1, diff)
		}
	}
}

func TestATapContinuesWhereItsStateSays(t *testing.T) {
	t.Parallel()
	for _, m := range modes() {
		one, two := newTap(5, m), newTap(5, m)
		kinds := map[string]int{}
		for i := range one.messages {
			if one.messages[i].raw != two.messages[i].raw {
				t.Fatalf("message %d is not the same every time", i)
			}
			kinds[one.messages[i].kind]++
			if one.messages[i].event.gone {
				kinds["tombstone"]++
			}
		}
		for kind, least := range map[string]int{"SCHEMA": 6, "RECORD": 350, "STATE": 15, "ACTIVATE_VERSION": 1, "tombstone": 10} {
			if kinds[kind] < least {
				t.Errorf("%s: %d of %s, want at least %d", m.name, kinds[kind], kind, least)
			}
		}
		for _, s := range one.states() {
			rest := one.from(s.position())
			at := len(rest) - (len(one.messages) - s.position())
			for i, message := range rest[:at] {
				if message.kind != "SCHEMA" || message.stream != m.sources()[i].name {
					t.Errorf("after position %d it begins with %s of %q", s.position(), message.kind, message.stream)
				}
			}
		}
	}
}
