package main

import (
	"sync"
	"time"

	"target-postgres/internal/netfault"
)

// block is how many bytes of rows a connection carries before it pauses.
const block = 64 << 10

// paces counts the connections that pause.
type paces struct {
	mu          sync.Mutex
	now, most   int
	paused      time.Duration
	first, last time.Time
}

// busy returns how many connections paused at once, and how many on average from the first pause to the last.
func (p *paces) busy() (most int, average float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.most == 0 {
		return 0, 0
	}
	return p.most, p.paused.Seconds() / p.last.Sub(p.first).Seconds()
}

// enter counts a connection that pauses, and returns what counts it no longer.
func (p *paces) enter() (leave func()) {
	began := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now++
	p.most = max(p.most, p.now)
	if p.first.IsZero() {
		p.first = began
	}
	return func() {
		ended := time.Now()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.now--
		p.paused += ended.Sub(began)
		p.last = ended
	}
}

// pacer slows the rows of one connection.
type pacer struct {
	paces  *paces
	pause  time.Duration
	frames netfault.Frames
	// carried is the number of bytes since the last pause, due the end of the pauses so far.
	carried int
	due     time.Time
}

func (p *paces) pacer(pause time.Duration) *pacer {
	return &pacer{paces: p, pause: pause, frames: netfault.Frames{Untyped: true}}
}

// pass carries bytes like next, and pauses after each block of rows.
func (p *pacer) pass(next netfault.Pass) netfault.Pass {
	return func(data []byte, send func([]byte) error) error {
		for rest := data; len(rest) > 0; {
			n, _ := p.frames.Take(rest)
			if p.frames.Kind == 'd' {
				p.carried += n
			}
			rest = rest[n:]
		}
		err := next(data, send)
		for ; p.carried >= block; p.carried -= block {
			p.rest()
		}
		return err
	}
}

// rest pauses. A pause that lasted too long, as on a busy machine, is made up for by the next one.
func (p *pacer) rest() {
	defer p.paces.enter()()
	if late := time.Since(p.due); late > p.pause {
		p.due = time.Now()
	}
	p.due = p.due.Add(p.pause)
	<-time.After(time.Until(p.due))
}
