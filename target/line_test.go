package target_test

import (
	"bytes"
	"errors"
	"net/url"
	"sync"
	"testing"

	"target-postgres/internal/netfault"
)

// line stands between a loader of one connection and the server. It counts round trips and can lose an answer.
type line struct {
	*netfault.Relay

	url string

	mu sync.Mutex
	// asks is true while the client has the last word. Everything until the server answers belongs to one round trip.
	asks     bool
	trips    int
	copyTrip int // the one in which the first COPY was sent
	// lose is set to lose what the server answers to the first COMMIT after that, and the connection with it.
	lose bool
	// lost is called before the connection is gone with the answer, nil for no function.
	lost func()
	// swallow is called instead of forwarding the end of the first COPY after that, and the connection is gone; nil for
	// no function.
	swallow func()
	// asking is called with what the client sends, nil for no function.
	asking func(data []byte)
	// hangsUp reports whether the connection is gone instead of what the client sends; nil for never.
	hangsUp func(data []byte) bool
	// number is that of the last transaction that the server has told the loader.
	number string
}

func newLine(t *testing.T, to string) *line {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal("not a connection URL")
	}
	l := &line{}
	l.Relay, err = netfault.Listen(u.Host, netfault.Options{Connected: func() (toServer, toClient netfault.Pass) {
		return passIf(l.asked), passIf(l.answered)
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	u.Host = l.Address()
	l.url = u.String()
	return l
}

// errHungUp ends a connection.
var errHungUp = errors.New("hung up")

// passIf hangs up when note says so.
func passIf(note func([]byte) (pass bool)) netfault.Pass {
	return func(data []byte, send func([]byte) error) error {
		if !note(data) {
			return errHungUp
		}
		return send(data)
	}
}

// asked counts what is asked after the login: a query, of the simple protocol or of the other.
func (l *line) asked(data []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.asks && (data[0] == 'Q' || data[0] == 'P') {
		l.trips++
	}
	if l.copyTrip == 0 && bytes.Contains(data, []byte(`COPY "`)) {
		l.copyTrip = l.trips
	}
	l.asks = true
	if l.asking != nil {
		l.asking(data)
	}
	if l.hangsUp != nil && l.hangsUp(data) {
		return false
	}
	if l.swallow != nil && bytes.HasSuffix(data, []byte("c\x00\x00\x00\x04")) {
		l.swallow()
		l.swallow = nil
		return false
	}
	return true
}

func (l *line) answered(data []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asks = false
	if _, told, ours := bytes.Cut(data, []byte("target-postgres: transaction ")); ours {
		number, _, _ := bytes.Cut(told, []byte(","))
		l.number = string(number)
	}
	if l.lose && l.copyTrip > 0 && bytes.Contains(data, []byte("COMMIT\x00")) {
		l.lose = false
		if l.lost != nil {
			l.lost()
		}
		return false
	}
	return true
}

// beforeCopy is -1 where there was none.
func (l *line) beforeCopy() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.copyTrip - 1
}

// roundTrips counts all of them.
func (l *line) roundTrips() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.trips
}
