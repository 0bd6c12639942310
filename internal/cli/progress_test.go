package cli

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"target-postgres/target"
)

func TestTheLineOfProgress(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 10, 0, time.UTC)
	tests := []struct {
		name string
		at   target.Progress
		want string
	}{
		{"before anything", target.Progress{}, "0 rows  2.0 MB/s    no STATE yet"},
		{"underway", target.Progress{Rows: 1234, Stream: "users", LastState: now.Add(-3500 * time.Millisecond)}, "1234 rows  2.0 MB/s  users  STATE 3s ago"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := progressLine(tt.at, 20e6, 10*time.Second, now); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestBytesAreCountedAsTheyAreRead(t *testing.T) {
	t.Parallel()
	m := &meter{Reader: strings.NewReader(strings.Repeat("x", 100000))}
	if n, err := io.Copy(io.Discard, m); err != nil || n != m.bytes.Load() {
		t.Errorf("%d bytes, counted %d: %v", n, m.bytes.Load(), err)
	}
}

func TestLogLinesGoWhereTheConsolePoints(t *testing.T) {
	t.Parallel()
	var below, above bytes.Buffer
	lines := newConsole(&below)
	_, _ = lines.Write([]byte("a"))
	var to io.Writer = &above
	lines.to.Store(&to)
	_, _ = lines.Write([]byte("b"))
	if below.String() != "a" || above.String() != "b" {
		t.Errorf("%q, %q", below.String(), above.String())
	}
}
