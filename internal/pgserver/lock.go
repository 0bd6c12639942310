package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// errLocked is tryLock's answer when another process has the lock.
var errLocked = errors.New("locked by another process")

// lockPoll is how often a waiting process looks again; the waits are rare and last about as long as a start.
const lockPoll = 20 * time.Millisecond

// lockFile waits until this process has the lock that the file at path stands for. Closing the file gives it up, and so
// does the end of the process, however it ends.
func lockFile(ctx context.Context, path string, as *account) (*os.File, error) {
	ticker := time.NewTicker(lockPoll)
	defer ticker.Stop()
	for {
		f, err := tryLock(path)
		if err == nil {
			return f, as.give(f)
		}
		if !errors.Is(err, errLocked) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for %s, which another process holds: %w", path, context.Cause(ctx))
		case <-ticker.C:
		}
	}
}
