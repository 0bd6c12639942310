package main

import (
	"encoding/binary"
	"sync"
	"time"
)

// notes is what was seen on one connection.
type notes struct {
	mu sync.Mutex
	// waited is true once the client has waited for the server: what it sends next begins another round trip.
	waited            bool
	trips, beforeCopy int
	checkpoints       int // commits after a COPY
	accepted          time.Time
	ready, firstCopy  time.Time

	frame frame
}

// asked takes what the client sends. Everything until it waits for the server belongs to one round trip.
func (n *notes) asked([]byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.waited || n.trips == 0 {
		n.trips++
	}
	n.waited = false
}

// answered takes what the server says, message by message.
func (n *notes) answered(data []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for len(data) > 0 {
		var ended bool
		if data, ended = n.frame.take(data); !ended {
			return
		}
		switch now := time.Now(); n.frame.kind {
		case 'R': // a question of the login's
			n.waited = true
		case 'Z': // ReadyForQuery
			n.waited = true
			if n.ready.IsZero() {
				n.ready = now
			}
		case 'G': // CopyInResponse
			if n.firstCopy.IsZero() {
				n.firstCopy, n.beforeCopy = now, n.trips-1
			}
		case 'C': // CommandComplete
			if string(n.frame.body) == "COMMIT\x00" && !n.firstCopy.IsZero() {
				n.checkpoints++
			}
		}
	}
}

// frame follows the server's messages: a type byte, a length, a body.
type frame struct {
	header []byte
	kind   byte
	left   int
	// body is the beginning of it, as much as a command's tag needs.
	body []byte
}

const keep = 16

// take reads up to the end of a message and returns what comes after it.
func (f *frame) take(data []byte) (rest []byte, ended bool) {
	for len(f.header) < 5 {
		if len(data) == 0 {
			return nil, false
		}
		f.header = append(f.header, data[0])
		data = data[1:]
		if len(f.header) == 5 {
			f.kind, f.body = f.header[0], f.body[:0]
			f.left = int(binary.BigEndian.Uint32(f.header[1:])) - 4
		}
	}
	n := min(len(data), f.left)
	f.body = append(f.body, data[:min(n, keep-len(f.body))]...)
	f.left -= n
	if f.left > 0 {
		return nil, false
	}
	f.header = f.header[:0]
	return data[n:], true
}

// report is about all connections together, which may work side by side. Round trips are those of the connection that
// made most of them; the ones before the first COPY are told apart.
type report struct {
	Connections int     `json:"connections"`
	RoundTrips  int     `json:"round_trips"`
	BeforeCopy  int     `json:"before_copy"`
	AfterCopy   int     `json:"after_copy"`
	Checkpoints int     `json:"checkpoints"`
	Accepted    float64 `json:"accepted"`
	Ready       float64 `json:"ready"`
	FirstCopy   float64 `json:"first_copy"`
}

func (l *link) report() report {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := report{Connections: len(l.noted)}
	for _, n := range l.noted {
		n.mu.Lock()
		r.RoundTrips = max(r.RoundTrips, n.trips)
		r.Checkpoints += n.checkpoints
		if n.checkpoints > 0 {
			r.AfterCopy += n.trips - n.beforeCopy
		}
		if r.Accepted == 0 {
			r.Accepted, r.Ready = seconds(n.accepted), seconds(n.ready)
		}
		if at := seconds(n.firstCopy); at > 0 && (r.FirstCopy == 0 || at < r.FirstCopy) {
			r.FirstCopy, r.BeforeCopy = at, n.beforeCopy
		}
		n.mu.Unlock()
	}
	return r
}

// seconds is the time since 1970, 0 for none.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMicro()) / 1e6
}
