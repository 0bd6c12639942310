package telemetry

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
)

// faults warns of the first thing that is lost, and of the first variable that cannot be obeyed, and keeps quiet about
// all that follows.
type faults struct {
	loss, variable sync.Once
	log            *slog.Logger
}

// ignored warns of a variable that cannot be obeyed although its signal is sent, unless there was such a warning
// before. The reason holds no secret.
func (f *faults) ignored(reason string) {
	f.variable.Do(func() {
		f.log.Warn("OpenTelemetry: a variable cannot be obeyed; the load is not affected", "because", reason)
	})
}

// tell warns that something is lost, unless there was such a warning before. The reason holds no secret.
func (f *faults) tell(reason string) {
	f.loss.Do(func() {
		f.log.Warn("OpenTelemetry: metrics or traces of this run are lost; the load is not affected", "because", reason)
	})
}

// failed warns that something could not be sent. Data that was taken back is sent again.
func (f *faults) failed(err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		f.tell(because(err))
	}
}

// because says why something could not be sent, without the URL, which may hold secrets.
func because(err error) string {
	var refused *url.Error
	var unresolved *net.DNSError
	var answer *answerError
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &refused) && refused.Timeout():
		return "the collector did not answer in time"
	case errors.As(err, &unresolved):
		return "the name of the collector was not found: " + unresolved.Name
	case refused != nil && strings.Contains(refused.Err.Error(), "malformed HTTP"):
		return "the collector does not answer by HTTP/1.1 (port 4317 is for gRPC; the port for HTTP is 4318)"
	case refused != nil:
		return refused.Err.Error()
	case errors.As(err, &answer), errors.Is(err, errPartial):
		return err.Error()
	default:
		return "the collector did not take what was sent"
	}
}

// hear takes what the SDK says of itself, which it would print. There is one place for that in a process.
func (f *faults) hear() {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(f.reported))
	otel.SetLogger(logr.New(&sdkLog{faults: f}))
}

// reported takes an error of the SDK. What could not be sent is none: the exporters tell of it themselves. The text may
// have the value of a variable.
func (f *faults) reported(err error) {
	switch {
	case err == nil || errors.Is(err, context.Canceled):
	case errors.Is(err, context.DeadlineExceeded):
		f.failed(err)
	default:
		f.ignored("the SDK reports an error: look at the OTEL_ variables that are set")
	}
}

// sdkLog is a logr.LogSink. The arguments of the SDK's messages may be values of variables, and are left out.
type sdkLog struct{ faults *faults }

// Init implements logr.LogSink.
func (*sdkLog) Init(logr.RuntimeInfo) {}

// Enabled implements logr.LogSink. Level 1 are warnings, beyond that are details.
func (*sdkLog) Enabled(level int) bool { return level <= 1 }

// Info implements logr.LogSink.
func (l *sdkLog) Info(_ int, message string, _ ...any) { l.faults.tell("the SDK says: " + message) }

// Error implements logr.LogSink.
func (l *sdkLog) Error(_ error, message string, arguments ...any) {
	for i := 0; i+1 < len(arguments); i += 2 {
		if name, is := arguments[i+1].(string); is && arguments[i] == "environment variable" {
			l.faults.ignored(name + " (the SDK says: " + message + ")")
			return
		}
	}
	l.faults.tell("the SDK says: " + message)
}

// WithValues implements logr.LogSink.
func (l *sdkLog) WithValues(...any) logr.LogSink { return l }

// WithName implements logr.LogSink.
func (l *sdkLog) WithName(string) logr.LogSink { return l }
