package tunnel

import (
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

// startKeepAlive drives the keep-alive of a tunnel by hand.
func startKeepAlive(t *testing.T, tun *Tunnel) (p *pulse, tick func() bool) {
	t.Helper()
	s := tun.session
	ticks := make(chan time.Time)
	p = &pulse{}
	s.conns.running.Go(func() { s.keepAlive(ticks, p) })
	return p, func() bool {
		select {
		case ticks <- time.Time{}:
			return true
		case <-s.done:
			return false
		}
	}
}

// awaitAnswer waits until so many keep-alives are answered. A tick that comes before would send none.
func (p *pulse) awaitAnswer(n int64) {
	for p.answers.Load() < n {
		runtime.Gosched()
	}
}

func TestAnAnsweredKeepAliveKeepsTheTunnel(t *testing.T) {
	t.Parallel()
	b := startBastion(t)
	tun := mustOpen(t, b.with())
	p, tick := startKeepAlive(t, tun)
	for n := range int64(5) {
		if !tick() {
			t.Fatal("the tunnel was given up")
		}
		<-b.keepAlive
		p.awaitAnswer(n + 1)
	}
	mustEcho(t, mustDial(t, tun, echo(t)))
}

func TestAnUnansweredKeepAliveEndsTheTunnel(t *testing.T) {
	t.Parallel()
	b := startBastion(t, func(b *bastion) { b.silent = true })
	tun := mustOpen(t, b.with())
	conn := mustDial(t, tun, echo(t))
	_, tick := startKeepAlive(t, tun)
	tick()
	<-b.keepAlive
	for tick() {
	}
	_, err := io.ReadAll(conn)
	failure := mustFail(t, err)
	if failure.Step != StepSession || !strings.HasSuffix(failure.Reason, "stopped answering") || !failure.Transient() {
		t.Errorf("the connection fails with %#v", failure)
	}
	if got := len(b.keepAlive); got != 0 {
		t.Errorf("%d more keep-alives were sent while the first was unanswered", got)
	}
}

func TestALoadThatMakesProgressIsNotCutForALateAnswer(t *testing.T) {
	t.Parallel()
	type step struct {
		received  int64
		answered  bool // before the tick
		dead, ask bool
	}
	for name, steps := range map[string][]step{
		"every keep-alive is answered": {
			{received: 100, ask: true}, {received: 150, answered: true, ask: true}, {received: 200, answered: true, ask: true},
		},
		"nothing comes back": {{received: 100, ask: true}, {received: 100, dead: true}},
		"only data comes back, and then nothing": {
			{received: 100, ask: true}, {received: 101}, {received: 9000}, {received: 9001}, {received: 9001, dead: true},
		},
		"the answer comes late": {
			{received: 100, ask: true}, {received: 9000}, {received: 9050, answered: true, ask: true}, {received: 9050, dead: true},
		},
	} {
		var p pulse
		for i, s := range steps {
			if s.answered {
				p.answered()
			}
			if dead, ask := p.tick(s.received); dead != s.dead || ask != s.ask {
				t.Errorf("%s, tick %d: dead %v, ask %v", name, i, dead, ask)
			}
		}
	}
}

func TestASilentNetworkIsNoticedAndTheNextDialGoesAroundIt(t *testing.T) {
	t.Parallel()
	b := startBastion(t)
	l := newLine(t, b.listener.Addr().String())
	tun := mustOpen(t, b.with(func(c *Config) { c.Port, c.KeepAlive = l.Port(), 50*time.Millisecond }))
	address := echo(t)
	conn := mustDial(t, tun, address)
	l.Silence()
	_, err := io.ReadAll(conn)
	if failure := mustFail(t, err); !strings.HasSuffix(failure.Reason, "stopped answering") {
		t.Errorf("the connection fails with %v", failure)
	}
	if _, err := conn.Write([]byte("x")); err == nil {
		t.Error("a connection through a dead bastion can be written to")
	}
	// On a busy machine 50 ms may be too short an interval also for a line that works: what matters is that a working
	// tunnel is to be had again.
	for range 100 {
		again, err := tun.DialContext(patience(t), "tcp", address)
		if err != nil {
			continue
		}
		_, err1 := again.Write([]byte("x"))
		_, err2 := io.ReadFull(again, make([]byte, 1))
		_ = again.Close()
		if err1 == nil && err2 == nil {
			return
		}
	}
	t.Error("no dial succeeded")
}

// A signal has to end the program within two seconds, a tunnel through a dead network included.
func TestATunnelThroughASilentNetworkClosesInTime(t *testing.T) {
	t.Parallel()
	b := startBastion(t)
	l := newLine(t, b.listener.Addr().String())
	tun := mustOpen(t, b.with(func(c *Config) { c.Port = l.Port() }))
	conn := mustDial(t, tun, echo(t))
	mustEcho(t, conn)
	l.Silence()
	if _, err := conn.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_ = tun.Close()
	if took := time.Since(began); took >= 2*time.Second {
		t.Errorf("it took %s", took)
	}
}
