package objects

import (
	"context"
	"errors"
	"io"
	"time"
)

// A connection that brings nothing for stalledAfter is given up.
const stalledAfter = 30 * time.Second

// The waits before the store is asked again: none at first, then a doubling one.
const (
	firstPause = 500 * time.Millisecond
	mostPause  = 8 * time.Second
)

var errStalled = errors.New("the store has sent nothing for 30 seconds")

// object is a file in a store.
type object interface {
	// get asks for the bytes from offset on: those of the version, unless it is "". The error is a *fault or of the
	// network.
	get(ctx context.Context, offset int64, version string) (*answer, error)
}

// answer is what a store sends of a file.
type answer struct {
	body io.ReadCloser
	// size is that of the whole file, -1 if the store does not say.
	size int64
	// version changes when the file does; "" if the store does not say.
	version string
}

// reader reads an object and asks for the rest of it where a connection ends too early.
type reader struct {
	ctx    context.Context //nolint:containedctx // it ends with Close, as the reader does
	cancel context.CancelFunc
	object object

	body    io.ReadCloser
	at      int64
	size    int64
	version string
	opened  bool

	// patience is how long the reader tries without a byte of progress; since is when that began, zero while bytes
	// come.
	patience time.Duration
	since    time.Time
	pause    time.Duration
	stalled  time.Duration
	// tell is called when a connection is lost, before the first attempt to go on.
	tell func(offset int64, f *fault)
}

// open asks for the object for the first time.
func (r *reader) open() error {
	return r.connect(nil)
}

// Read reads on, over lost connections.
func (r *reader) Read(p []byte) (int, error) {
	for {
		if r.body == nil && r.at == r.size {
			return 0, io.EOF
		}
		n, err := r.readOnce(p)
		r.at += int64(n)
		if n > 0 {
			r.since, r.pause = time.Time{}, 0
		}
		switch {
		case err == nil && n > 0:
			return n, nil
		case err == nil:
			continue
		case err == io.EOF && (r.size < 0 || r.at == r.size): //nolint:errorlint // a Reader returns it bare
			return n, io.EOF
		case r.at == r.size && err != errStalled: //nolint:errorlint // readOnce returns it bare
			return n, differs() // all has arrived, so this is not the connection's fault
		case err == io.EOF: //nolint:errorlint // a Reader returns it bare
			err = io.ErrUnexpectedEOF
		}
		r.hangUp()
		if err := r.connect(err); err != nil {
			return n, err
		}
		if n > 0 {
			return n, nil
		}
	}
}

// readOnce reads from the connection that there is, which is given up if nothing comes.
func (r *reader) readOnce(p []byte) (int, error) {
	body := r.body
	watch := time.AfterFunc(r.stalled, func() { body.Close() })
	n, err := body.Read(p)
	if !watch.Stop() && err != nil {
		err = errStalled
	}
	return n, err
}

func (r *reader) hangUp() {
	if r.body != nil {
		r.body.Close()
		r.body = nil
	}
}

// connect asks for the rest of the object until the store answers or the reader's patience ends. The error is a *fault,
// or that of the context.
func (r *reader) connect(lost error) error {
	for first := true; ; first = false {
		if lost != nil {
			f := r.faultOf(lost)
			if r.ctx.Err() != nil {
				return r.ctx.Err()
			}
			if err := r.wait(f, first); err != nil {
				return err
			}
		}
		a, err := r.object.get(r.ctx, r.at, r.version)
		if err != nil {
			lost = err
			continue
		}
		if r.opened && (a.version != r.version || a.size != r.size) {
			a.body.Close()
			return changed()
		}
		r.body, r.size, r.version, r.opened = a.body, a.size, a.version, true
		return nil
	}
}

// wait decides whether to go on after a fault, and waits for that.
func (r *reader) wait(f *fault, first bool) error {
	if !f.again || r.opened && r.version == "" {
		return f
	}
	if r.since.IsZero() {
		r.since = time.Now()
	}
	if left := r.patience - time.Since(r.since); left < r.pause || r.patience == 0 {
		return f
	}
	if first && r.pause == 0 {
		r.tell(r.at, f)
	}
	timer := time.NewTimer(r.pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
	r.pause = min(max(2*r.pause, firstPause), mostPause)
	return nil
}

func (r *reader) faultOf(err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	return ofNetwork(err)
}

// Close ends the connection.
func (r *reader) Close() error {
	r.hangUp()
	r.cancel()
	return nil
}
