package tunnel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/ssh"
)

// explain turns the error of a handshake into a sentence. A host key that was refused stays the *wrongKeyError it is.
func (t *Tunnel) explain(ctx context.Context, err error, w *wire, l *login) error {
	var key *wrongKeyError
	var algorithms *ssh.AlgorithmNegotiationError
	bastion := "the bastion " + t.cfg.address()
	fail := &Error{Step: StepHandshake, Err: err}
	switch {
	case errors.As(err, &key):
		return key
	case ctx.Err() != nil:
		return interrupted(ctx, StepHandshake, "negotiating with "+bastion)
	case len(l.tried) > 0:
		return t.explainLogin(err, l)
	case errors.As(err, &algorithms):
		fail.Reason = fmt.Sprintf("%s and this client have no %s in common; it offers only %s",
			bastion, algorithms.What, foreign(strings.Join(algorithms.RequestedAlgorithms, ", ")))
		fail.Hint = "update the bastion's SSH server: what it offers is no longer secure"
	case len(w.greeting) == 0:
		fail.Reason = bastion + " closed the connection without an error"
		fail.Hint = "check that ssh_tunnel.port is an SSH server's, and whether the bastion limits connections or the addresses they come from"
	case !strings.HasPrefix(string(w.greeting), "SSH-"):
		fail.Reason = "what answers at " + t.cfg.address() + " did not speak SSH but said " + foreign(strings.TrimSpace(string(w.greeting)))
		fail.Hint = "check that ssh_tunnel.port is an SSH server's; one that is busy (MaxStartups, PerSourcePenalties) also says so this way"
	default:
		fail.Reason = "the SSH handshake with " + bastion + " failed: " + foreign(err.Error())
		fail.Hint = "see the bastion's log"
	}
	return fail
}

// explainLogin does so for what went wrong after the bastion was recognised.
func (t *Tunnel) explainLogin(err error, l *login) *Error {
	text := err.Error()
	if strings.Contains(text, "unable to authenticate") || tooMany(err) {
		return l.refused(t.cfg.address(), err)
	}
	fail := &Error{Step: StepAuthenticate, PublicKey: l.publicKeys(), Hint: "see the bastion's log", Err: err}
	if errors.Is(err, io.EOF) || strings.Contains(text, "reset by peer") {
		fail.Reason = fmt.Sprintf("the bastion %s closed the connection while authenticating user %q", t.cfg.address(), l.user)
		return fail
	}
	fail.Reason = fmt.Sprintf("cannot authenticate user %q at the bastion %s: %s", l.user, t.cfg.address(), foreign(text))
	return fail
}

// tooMany reports whether a bastion ended the login for the number of attempts.
func tooMany(err error) bool {
	return strings.Contains(strings.ToLower(err.Error()), "too many authentication failures")
}
