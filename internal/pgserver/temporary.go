package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// testSettings trade safety, which a temporary server does not need, for speed.
func testSettings() map[string]string {
	return map[string]string{
		"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200",
		"timezone": "UTC", "log_timezone": "UTC",
	}
}

func startTemporary(ctx context.Context, o Options) (*Server, error) {
	p, in, err := prepareTemporary(ctx, o)
	if err != nil {
		return nil, err
	}
	return p.start(ctx, o, in, "own-", 0)
}

func (p parent) start(ctx context.Context, o Options, in install, prefix string, linger time.Duration) (*Server, error) {
	h, lease, err := p.newHome(ctx, in, prefix, linger)
	if err != nil {
		return nil, fmt.Errorf("directory for a temporary PostgreSQL: %w", err)
	}
	s, err := h.startTemporary(ctx, o, in)
	if err != nil {
		h.discard()
		return nil, errors.Join(err, lease.release())
	}
	s.lease = lease
	return s, nil
}

// discardTimeout bounds the end of a server that is no longer needed, also if the caller's time is up.
const discardTimeout = 30 * time.Second

// discard ends a temporary server if one runs and removes its directory.
func (h home) discard() {
	ctx, cancel := context.WithTimeout(context.Background(), discardTimeout)
	defer cancel()
	if bin, err := h.programs(); err == nil {
		_ = newServer(h, install{bin: bin}, 0, "").halt(ctx, "immediate")
	}
	_ = os.RemoveAll(h.dir)
}

func (h home) startTemporary(ctx context.Context, o Options, in install) (*Server, error) {
	port := o.Port
	if port == 0 {
		var err error
		if port, err = freePort(); err != nil {
			return nil, err
		}
	}
	s, err := h.initialize(ctx, in, port, o.Password, "--no-sync")
	if err != nil {
		return nil, err
	}
	if err := s.configure(testSettings(), o.Settings); err != nil {
		return nil, err
	}
	if err := s.launch(ctx, o.Port == 0); err != nil {
		return nil, err
	}
	return s, nil
}
