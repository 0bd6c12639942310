package failure

import (
	"fmt"
	"strings"
)

// Error is what the package returns for everything that goes wrong while loading. It never carries the value of a
// record or a password.
type Error struct {
	// Blame says what to do about it. The zero Blame is [Program].
	Blame Blame
	// Stream is the stream that was being loaded, "" when the error belongs to none.
	Stream string
	// Line is the line of the input, counted from 1, or 0 when no single line is to blame.
	Line int64
	// Record says which record of the files of a BATCH message is to blame, counted from 1 over all of them, or 0 where
	// that is said otherwise or the line is no such message.
	Record int64
	// Column is the column or field, "" when it is not about one.
	Column string
	// Reason says what is wrong, in lower case and without a full stop.
	Reason string
	// Hint says what to do about it, "" when there is nothing sensible to say.
	Hint string
	// Err is the cause, nil when Reason says it all.
	Err error
	// Denied is the privilege that is missing, until its names were asked for and are in Hint. It is nil for other
	// errors.
	Denied *Denial
}

// Error prints the sentence a user reads: where, what, why and what to do.
func (e *Error) Error() string {
	where := make([]string, 0, 4)
	if e.Line > 0 {
		where = append(where, fmt.Sprintf("input line %d", e.Line))
	}
	if e.Record > 0 {
		where = append(where, fmt.Sprintf("record %d of its files", e.Record))
	}
	if e.Stream != "" {
		where = append(where, fmt.Sprintf("stream %q", e.Stream))
	}
	if e.Column != "" {
		where = append(where, fmt.Sprintf("column %q", e.Column))
	}
	text := joined(strings.Join(where, ", "), e.Why())
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text
}

// Why says what is wrong and its cause, without where it is and what to do.
func (e *Error) Why() string {
	if e.Err == nil {
		return e.Reason
	}
	return joined(e.Reason, e.Err.Error())
}

// joined puts a colon between two texts, unless one is empty.
func joined(before, after string) string {
	if before == "" || after == "" {
		return before + after
	}
	return before + ": " + after
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ConfigError is a configuration that cannot be used. Its text names the setting and says how to mend it.
type ConfigError struct {
	// Setting is the dotted path of the setting, "" when it is about the whole configuration.
	Setting string
	// Reason says what is wrong, in lower case and without a full stop. It follows the setting's name.
	Reason string
	// Hint says what to do about it, "" when there is nothing sensible to say.
	Hint string
	// Err is the cause, nil when Reason says it all.
	Err error
}

// Error prints the setting, the reason and the fix.
func (e *ConfigError) Error() string {
	text := e.Reason
	if e.Setting != "" {
		text = fmt.Sprintf("setting %q %s", e.Setting, e.Reason)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text
}

// Unwrap returns the cause.
func (e *ConfigError) Unwrap() error { return e.Err }
