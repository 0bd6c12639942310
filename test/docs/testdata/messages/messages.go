// Package messages has a message in each of the forms in which the program has them. Only the test of the messages
// reads it.
package messages

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
)

// Error has a reason.
type Error struct {
	Setting, Reason, Hint string
}

type plan struct{ warnings []string }

type speaker struct{}

// Say chooses by the protocol.
func (speaker) Say(singer, _ string) string { return singer }

// All makes one of each.
func All(log *slog.Logger, p *plan, s speaker, n int) []any {
	e := &Error{Reason: "a reason by its name", Hint: "no message at all"}
	log.Warn("a warning of the log", "n", n)
	p.warnings = append(p.warnings, "gathered for later")
	e.Reason = "a reason that is assigned"
	return []any{
		e,
		Error{Reason: "a reason of " + strconv.Itoa(n) + " parts"},
		fmt.Errorf("an error that %w passes on", io.EOF),
		&Error{"setting", "a setting's reason", "a hint"}, &Error{Reason: s.Say("for Singer", "for Airbyte")},
	}
}
