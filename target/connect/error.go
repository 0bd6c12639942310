package connect

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"target-postgres/target/libpq"
)

// The steps of a connection in the order they are taken, for Error.Step.
const (
	StepConfigure = "configuration" // a setting is missing or unusable
	StepTunnel    = "tunnel"        // everything up to and on the bastion; Err is a *tunnel.Error
	StepResolve   = "resolve"       // the database's host name
	StepConnect   = "connect"       // TCP to the server
	StepStartup   = "startup"       // whether what listens there answers as PostgreSQL does
	StepTLS       = "tls"           // encryption and certificates
	StepLogin     = "login"         // authentication and database
)

// Error is a connection that failed: at which step, why, and what to do about it. No field holds a secret.
type Error struct {
	Step    string // one of the Step constants
	Setting string // the setting or PG* variable to look at, "" when none is
	Reason  string // a clause without a full stop
	Hint    string // what to do, "" when there is nothing to say
	// Transient says that trying again, with nothing changed, may succeed.
	Transient bool
	// Err is the cause, a *pgconn.PgError where the server gave one; may be nil.
	Err error

	unlisted bool // no line of pg_hba.conf matches
}

// Error returns setting, reason and hint.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Step == StepConfigure && e.Setting != "" {
		b.WriteString(e.Setting + " ")
	}
	b.WriteString(e.Reason)
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// configError is about a setting; its reason continues the setting's name.
func configError(setting, reason, hint string) *Error {
	return &Error{Step: StepConfigure, Setting: setting, Reason: reason, Hint: hint}
}

// configured is the error of a setting as one of a connection, nil if there is none.
func configured(err *libpq.Error) *Error {
	if err == nil {
		return nil
	}
	return &Error{Step: StepConfigure, Setting: err.Setting, Reason: err.Reason, Hint: err.Hint, Err: err.Err}
}

// interrupted is the error of an attempt that its caller did not let finish.
func interrupted(cause error, s *server) *Error {
	reason := "interrupted while connecting to " + s.place
	if errors.Is(cause, context.DeadlineExceeded) {
		reason = "the time ran out while connecting to " + s.place
	}
	return &Error{Step: StepConnect, Reason: reason, Err: cause, Transient: errors.Is(cause, context.DeadlineExceeded)}
}

// progress orders errors by how far their attempt came. Of two refused logins, the one that matched no line of
// pg_hba.conf came less far: with prefer, it is often only the attempt without encryption that follows the one that
// matters.
func (e *Error) progress() int {
	steps := []string{StepConfigure, StepResolve, StepTunnel, StepConnect, StepStartup, StepTLS, StepLogin}
	for i, step := range steps {
		if step == e.Step {
			rank := 2 * i
			if e.unlisted {
				rank--
			}
			return rank
		}
	}
	return 0
}

// furthest is the error of the attempt that came furthest, the first of several.
func furthest(failures []*Error) *Error {
	best := failures[0]
	for _, f := range failures[1:] {
		if f.progress() > best.progress() {
			best = f
		}
	}
	return best
}

// verdict makes one error of those of several hosts.
func verdict(failures []*Error) *Error {
	best := furthest(failures)
	if len(failures) == 1 {
		return best
	}
	e := *best
	others := make([]string, 0, len(failures)-1)
	for _, f := range failures {
		if f == best {
			continue
		}
		others = append(others, f.Reason)
		// A login that was refused for good is final, also if another host may be reached later.
		e.Transient = e.Transient || f.Transient && best.Step != StepLogin
	}
	e.Reason = fmt.Sprintf("none of %d hosts can be used: %s (%s)", len(failures), best.Reason, strings.Join(others, "; "))
	return &e
}

// foreign makes text that the other side chose fit for one line of a log.
func foreign(s string) string {
	const limit = 300
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > limit {
		s = string(runes[:limit]) + "…"
	}
	return strings.TrimSpace(s)
}
