package logging

import "log/slog"

// NewAirbyteHandler returns a handler that gives each line to send as the level and the text of a LOG message. A
// protocol.Writer's Log is such a function. The handler returns send's error.
func NewAirbyteHandler(send func(level, text string) error, level slog.Leveler) slog.Handler {
	return newHandler(level, func(e *entry) error {
		return send(airbyteLevel(e.level), string(e.appendText(nil)))
	})
}

func airbyteLevel(level slog.Level) string {
	switch {
	case level > slog.LevelError:
		return "FATAL"
	case level >= slog.LevelError:
		return "ERROR"
	case level >= slog.LevelWarn:
		return "WARN"
	case level >= slog.LevelInfo:
		return "INFO"
	case level >= slog.LevelDebug:
		return "DEBUG"
	default:
		return "TRACE"
	}
}
