package tunnel

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// The steps of a tunnel in the order they are taken, for Error.Step.
const (
	StepConfigure    = "configuration"  // a setting is missing or unusable
	StepResolve      = "resolve"        // the bastion's name
	StepConnect      = "connect"        // TCP to the bastion
	StepHandshake    = "handshake"      // the SSH protocol with it
	StepHostKey      = "host key"       // who the bastion is
	StepAuthenticate = "authentication" // who we are
	StepForward      = "forwarding"     // whether the bastion forwards at all
	StepDatabase     = "database"       // from the bastion to the database
	StepSession      = "session"        // the bastion went away later
)

// Error is a tunnel that failed: at which step, why, and what to do about it.
// No field holds a secret, nor anything derived from one but public keys.
type Error struct {
	Step   string // one of the Step constants
	Reason string // a clause without a full stop
	Hint   string // what to do, "" when there is nothing to say
	// PublicKey is the authorized_keys line of the configured private key (of each key of the agent), "" where no key
	// matters to the failure.
	PublicKey string
	Err       error // the cause, may be nil
}

// Error returns reason and hint; the cause is in the reason where it matters.
func (e *Error) Error() string {
	if e.Hint == "" {
		return "ssh tunnel: " + e.Reason
	}
	return "ssh tunnel: " + e.Reason + "; " + e.Hint
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Transient reports whether dialling again, with nothing changed, may succeed.
func (e *Error) Transient() bool {
	switch e.Step {
	case StepResolve, StepConnect, StepHandshake, StepDatabase:
		return !errors.Is(e.Err, context.Canceled)
	case StepSession:
		return errors.Is(e.Err, errSessionLost)
	}
	return false
}

// errSessionLost marks the errors of a session that ended by itself.
var errSessionLost = errors.New("connection to the bastion lost")

func configError(reason, hint string) *Error {
	return &Error{Step: StepConfigure, Reason: reason, Hint: hint}
}

func errClosed() *Error {
	return &Error{Step: StepSession, Reason: "the tunnel is closed", Err: net.ErrClosed}
}

// interrupted is the error of something its context did not let finish.
func interrupted(ctx context.Context, step, doing string) *Error {
	reason := "interrupted while " + doing
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		reason = "the time ran out while " + doing
	}
	return &Error{Step: step, Reason: reason, Err: ctx.Err()}
}

// foreign quotes text that the other side chose, so that it can neither forge lines of a log nor fill it.
func foreign(s string) string {
	const limit = 200
	if len(s) > limit {
		s = s[:limit] + "…"
	}
	return fmt.Sprintf("%q", s)
}
