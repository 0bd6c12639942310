package tunnel

import (
	"errors"
	"time"
)

// pulse tells at every tick whether the bastion still lives. It is dead when
// since the last tick neither the answer to a keep-alive nor anything else
// arrived. Only the answer would not do: on a slow line it queues behind
// megabytes of COPY, and a load that makes progress must not be cut.
type pulse struct {
	pending bool  // a keep-alive is unanswered
	seen    int64 // bytes received by the last tick
}

// tick takes the bytes received so far and returns whether the bastion is dead,
// and if not, whether to send it a keep-alive.
func (p *pulse) tick(received int64) (dead, ask bool) {
	if p.pending && received == p.seen {
		return true, false
	}
	p.seen = received
	ask = !p.pending
	p.pending = true
	return false, ask
}

func (p *pulse) answered() { p.pending = false }

// keepAlive ends the session when the bastion no longer answers.
func (s *session) keepAlive(ticks <-chan time.Time) {
	var p pulse
	answered := make(chan struct{}, 1)
	for {
		select {
		case <-s.done:
			return
		case <-answered:
			p.answered()
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
					answered <- struct{}{}
				})
			}
		}
	}
}
