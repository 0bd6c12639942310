package tunnel

import (
	"errors"
	"sync/atomic"
	"time"
)

// pulse tells at every tick whether the bastion still lives. It is dead when since the last tick neither the answer to
// a keep-alive nor anything else arrived. Only the answer would not do: on a slow line it queues behind megabytes of
// COPY, and a load that makes progress must not be cut. answered may be called from any goroutine, tick from one.
type pulse struct {
	asks, answers atomic.Int64 // keep-alives sent, and answered
	seen          int64        // bytes received by the last tick
}

// tick takes the bytes received so far and returns whether the bastion is dead,
// and if not, whether to send it a keep-alive.
func (p *pulse) tick(received int64) (dead, ask bool) {
	pending := p.asks.Load() != p.answers.Load()
	if pending && received == p.seen {
		return true, false
	}
	p.seen = received
	if !pending {
		p.asks.Add(1)
	}
	return false, !pending
}

func (p *pulse) answered() { p.answers.Add(1) }

// keepAlive ends the session when the bastion no longer answers.
func (s *session) keepAlive(ticks <-chan time.Time, p *pulse) {
	for {
		select {
		case <-s.done:
			return
		case <-ticks:
			dead, ask := p.tick(s.wire.received.Load())
			if dead {
				s.end("stopped answering", errors.New("keep-alive unanswered"))
				return
			}
			if ask {
				s.conns.running.Go(func() {
					// Refused or not, an answer is an answer.
					_, _, _ = s.client.SendRequest("keepalive@openssh.com", true, nil)
					p.answered()
				})
			}
		}
	}
}
