package logging

import (
	"io"
	"log/slog"
	"strconv"
	"strings"
	"unicode"
)

// NewHumanHandler returns a handler that writes lines for people to out, in the order of the Singer SDK's own: time,
// level, message, attributes. With colour the level is coloured for a terminal.
func NewHumanHandler(out io.Writer, level slog.Leveler, colour bool) slog.Handler {
	var buf []byte
	return newHandler(level, func(e *entry) error {
		buf = e.appendHuman(buf[:0], colour)
		_, err := out.Write(buf)
		return err
	})
}

func (e *entry) appendHuman(buf []byte, colour bool) []byte {
	if !e.at.IsZero() {
		buf = e.at.AppendFormat(buf, "2006-01-02 15:04:05.000")
		buf = append(buf, " | "...)
	}
	name := levelName(e.level)
	padded := name + strings.Repeat(" ", max(0, 8-len(name)))
	if colour {
		padded = levelColour(e.level) + padded + "\x1b[0m"
	}
	buf = append(buf, padded...)
	buf = append(buf, " | "...)
	return append(e.appendText(buf), '\n')
}

// appendText appends the message and the attributes without time and level:
// what a LOG message of Airbyte carries.
func (e *entry) appendText(buf []byte) []byte {
	if e.metric != nil {
		return e.metric.appendText(buf)
	}
	buf = append(buf, printable(e.message)...)
	if e.stream != "" {
		buf = append(append(buf, " stream="...), quoted(e.stream)...)
	}
	for _, a := range e.attrs {
		buf = append(append(append(buf, ' '), a.Key...), '=')
		buf = append(buf, quoted(a.Value.String())...)
	}
	return buf
}

// printable keeps control characters, which a server's message may carry, from reaching a terminal; lines may stay
// lines.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
}

// quoted puts a value in quotes where its end would not be obvious.
func quoted(value string) string {
	for _, r := range value {
		if r <= ' ' || r == '"' || r == '=' || !unicode.IsPrint(r) {
			return strconv.Quote(value)
		}
	}
	if value == "" {
		return `""`
	}
	return value
}

// levelName returns the name that Python and with it the Singer world give to a level.
func levelName(level slog.Level) string {
	switch {
	case level > slog.LevelError:
		return "CRITICAL"
	case level >= slog.LevelError:
		return "ERROR"
	case level >= slog.LevelWarn:
		return "WARNING"
	case level >= slog.LevelInfo:
		return "INFO"
	default:
		return "DEBUG"
	}
}

func levelColour(level slog.Level) string {
	switch {
	case level >= slog.LevelError:
		return "\x1b[31m"
	case level >= slog.LevelWarn:
		return "\x1b[33m"
	case level >= slog.LevelInfo:
		return "\x1b[32m"
	default:
		return "\x1b[2m"
	}
}
