package protocol

import "log/slog"

// NewAirbyteHandler returns a handler that emits LOG messages through w,
// between whose other messages they fall whole.
func NewAirbyteHandler(w *Writer, level slog.Leveler) slog.Handler {
	return newHandler(level, func(e *entry) error {
		return w.Log(airbyteLevel(e.level), string(e.appendText(nil)))
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
