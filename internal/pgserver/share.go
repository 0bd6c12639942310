package pgserver

import (
	"context"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"time"
)

// sharedLinger is how long a shared server waits for its next user, so that one test run needs one server although its
// packages run one after the other.
const sharedLinger = 10 * time.Second

// Share returns a temporary server that all processes of this user use together; it ends a few seconds after the last
// of them. Version and Logf count as in Start, the other options are ignored. Windows, which lacks the means, gets a
// server of its own.
func Share(ctx context.Context, o Options) (*Server, error) {
	return share(ctx, Options{Version: o.Version, Logf: o.Logf}, sharedLinger)
}

func share(ctx context.Context, o Options, linger time.Duration) (*Server, error) {
	if !leasesAreShared {
		return Start(ctx, o)
	}
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	p, in, err := prepareTemporary(ctx, o)
	if err != nil {
		return nil, err
	}
	// Programs of one major version can be of several minor ones.
	programs := sha256.Sum256([]byte(in.bin))
	prefix := fmt.Sprintf("shared-%d-%x-", in.major, programs[:4])
	// One process starts the server; the others wait here and then find it.
	lock, err := lockFile(ctx, filepath.Join(p.dir, prefix+"lock"), p.as)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	homes, err := filepath.Glob(filepath.Join(p.dir, prefix+"[0-9]*"))
	if err != nil {
		return nil, err
	}
	for _, dir := range homes {
		if s, ok := join(ctx, home{dir: dir, as: p.as}); ok {
			return s, nil
		}
	}
	s, err := p.start(ctx, o, in, prefix, linger)
	if err != nil {
		return nil, err
	}
	s.shared = true
	return s, nil
}

// join takes part in a shared server that runs.
func join(ctx context.Context, h home) (*Server, bool) {
	lease, err := joinLease(h.dir)
	if err != nil {
		return nil, false
	}
	s, err := h.running(ctx, "")
	if err != nil {
		_ = lease.release()
		return nil, false
	}
	s.lease, s.shared = lease, true
	return s, true
}
