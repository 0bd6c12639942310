package main

import (
	"sync"
	"time"

	"target-postgres/internal/netfault"
)

// link is what was seen on all connections.
type link struct {
	// pause follows each block of rows.
	pause time.Duration
	mu    sync.Mutex
	noted []*notes
	paces paces
}

// connected begins the notes of a connection.
func (l *link) connected() (toServer, toClient netfault.Pass) {
	n := &notes{accepted: time.Now()}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.noted = append(l.noted, n)
	pass := func(note func([]byte)) netfault.Pass {
		return func(data []byte, send func([]byte) error) error {
			note(data)
			return send(data)
		}
	}
	toServer, toClient = pass(n.asked), pass(n.answered)
	if l.pause > 0 {
		toServer = l.paces.pacer(l.pause).pass(toServer)
	}
	return toServer, toClient
}

// notes is what was seen on one connection.
type notes struct {
	mu sync.Mutex
	// waited is true once the client has waited for the server: what it sends next begins another round trip.
	waited            bool
	trips, beforeCopy int
	checkpoints       int // commits after a COPY
	accepted          time.Time
	ready, firstCopy  time.Time

	frames netfault.Frames
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
		taken, ended := n.frames.Take(data)
		if !ended {
			return
		}
		data = data[taken:]
		switch now := time.Now(); n.frames.Kind {
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
			if string(n.frames.Body) == "COMMIT\x00" && !n.firstCopy.IsZero() {
				n.checkpoints++
			}
		}
	}
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
	// MostBusy is how many connections paused at once, Busy how many on average from the first pause to the last.
	MostBusy int     `json:"most_busy"`
	Busy     float64 `json:"busy"`
}

func (l *link) report() report {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := report{Connections: len(l.noted)}
	r.MostBusy, r.Busy = l.paces.busy()
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
