// Package messages has a message in each of the forms in which the program has them. Only the test of the messages
// reads it.
package messages

import (
	"errors"
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

// refused makes an error of its arguments.
func refused(reason, hint string) *Error { return &Error{Reason: reason, Hint: hint} }

// named is what a message says of a number.
func named(n int) string {
	if n > 1 {
		return "what a function returns"
	}
	return "what it returns otherwise"
}

const constant = "a constant that is passed on"

// All makes one of each.
func All(log *slog.Logger, p *plan, s speaker, n int) []any {
	e := &Error{Reason: "a reason by its name", Hint: "no message at all"}
	log.Warn("a warning of the log", "n", n)
	log.Info("a line of the log", "n", n)
	text := "a text in a variable: " + named(n)
	log.Debug(text)
	p.warnings = append(p.warnings, "gathered for later")
	e.Reason = "a reason that is assigned"
	return []any{
		e, refused("a reason that a function takes", "no message at all"), errors.New(constant),
		Error{Reason: "a reason of " + strconv.Itoa(n) + " parts"},
		fmt.Errorf("an error that %w passes on", io.EOF),
		&Error{"setting", "a setting's reason", "a hint"}, &Error{Reason: s.Say("for Singer", "for Airbyte")},
	}
}
