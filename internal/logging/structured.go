package logging

import (
	"io"
	"log/slog"
	"os"
	"strings"

	gojson "github.com/goccy/go-json"
)

const (
	appName     = "target-postgres"
	metricsName = "singer_sdk.metrics" // the logger whose lines Meltano takes for metrics
)

// structuredLine has exactly the keys that Meltano's parser of the Singer SDK's structured logging requires, null where
// there is nothing to say.
type structuredLine struct {
	Level      string         `json:"level"`
	PID        int            `json:"pid"`
	LoggerName string         `json:"logger_name"`
	TS         float64        `json:"ts"`
	ThreadName string         `json:"thread_name"`
	AppName    string         `json:"app_name"`
	StreamName *string        `json:"stream_name"`
	Message    string         `json:"message"`
	Extra      map[string]any `json:"extra,omitempty"`
	MetricInfo *Metric        `json:"metric_info,omitempty"`
}

// NewStructuredHandler returns a handler that writes the Singer SDK's structured lines to out, which Meltano turns into
// log entries of its own.
func NewStructuredHandler(out io.Writer, level slog.Leveler) slog.Handler {
	pid := os.Getpid()
	return newHandler(level, func(e *entry) error {
		encoded, err := encode(e.structured(pid))
		if err != nil {
			return err
		}
		_, err = out.Write(append(encoded, '\n'))
		return err
	})
}

func (e *entry) structured(pid int) *structuredLine {
	line := &structuredLine{
		Level:      strings.ToLower(levelName(e.level)),
		PID:        pid,
		LoggerName: appName,
		TS:         float64(e.at.UnixMicro()) / 1e6,
		ThreadName: "main",
		AppName:    appName,
		Message:    string(e.appendText(nil)), // with the attributes: Meltano shows people nothing else of a line
		MetricInfo: e.metric,
	}
	if e.stream != "" {
		line.StreamName = &e.stream
	}
	if e.metric != nil {
		line.LoggerName, line.Message = metricsName, "METRIC"
	}
	for _, a := range e.attrs {
		if line.Extra == nil {
			line.Extra = map[string]any{}
		}
		line.Extra[a.Key] = plain(a.Value)
	}
	return line
}

// encode is JSON in which <, > and & are themselves.
func encode(v any) ([]byte, error) {
	return gojson.MarshalWithOption(v, gojson.DisableHTMLEscape())
}
