package checkpoint

import (
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"target-postgres/target/connect"
	"target-postgres/target/pgtx"
	"target-postgres/target/pipeline"
)

// sending is a checkpoint's rows on their way to the server, in messages that the server comments on while they last.
type sending struct {
	checkpoint *Checkpoint
	turn       *pipeline.Ticket
	// begun is closed once it is known which transaction it is, over when the server has said no or nothing is sent any
	// more.
	begun, over chan struct{}
	end         func()
	// ending is true once the rows may have come to their end, which commits them.
	ending atomic.Bool
}

func newSending(c *Checkpoint, turn *pipeline.Ticket) *sending {
	c.tx, c.begun = pgtx.Transaction{}, false
	s := &sending{checkpoint: c, turn: turn, begun: make(chan struct{}), over: make(chan struct{})}
	s.end = sync.OnceFunc(func() { close(s.over) })
	return s
}

// listen hears the server until stop is called.
func (s *sending) listen(conn *pgx.Conn) (stop func()) {
	connect.Listen(conn, &connect.Listener{Error: s.end, Info: func(message string) {
		if tx, ours := pgtx.ToldBy(message); ours && !s.checkpoint.begun {
			s.begin(tx)
		}
	}})
	return func() {
		connect.Listen(conn, nil)
		s.end()
	}
}

func (s *sending) begin(tx pgtx.Transaction) {
	s.checkpoint.begins(tx)
	close(s.begun)
	s.turn.Opened()
}

// wait returns when the rows may come to their end, which commits them: the turn has come, and the transaction's id is
// known. Without the id its outcome could not be looked up if the connection is lost.
func (s *sending) wait() error {
	select {
	case <-s.begun:
	case <-s.over:
		return pipeline.ErrOver
	}
	if err := s.turn.Wait(s.over); err != nil {
		return err
	}
	s.ending.Store(true)
	return nil
}
