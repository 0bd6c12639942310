package telemetry

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

// A variable that cannot be obeyed loses nothing, and does not hide what is lost later.
func TestFaults_TellsAVariableFromALoss(t *testing.T) {
	t.Parallel()
	const loss, variable = "metrics or traces of this run are lost", "a variable cannot be obeyed"
	c, log := tracesTo("http://127.0.0.1:1", map[string]string{
		"OTEL_EXPORTER_OTLP_TIMEOUT": "secret", "OTEL_EXPORTER_OTLP_COMPRESSION": "secret", "OTEL_EXPORTER_OTLP_HEADERS": "secret",
	})
	if said := log.String(); strings.Contains(said, loss) || strings.Count(said, variable) != 1 || !strings.Contains(said, "OTEL_EXPORTER_OTLP_TIMEOUT") {
		t.Errorf("before anything is sent the log is %s", said)
	}
	c.deliver(t.Context(), oneSpan())
	if said := log.String(); strings.Count(said, loss) != 1 || strings.Contains(said, "secret") {
		t.Errorf("the log is %s", said)
	}
}

// What the SDK says of a variable has its name and not its value.
func TestFaults_RepeatsTheSDKWithoutValues(t *testing.T) {
	t.Parallel()
	for want, say := range map[string]func(f *faults){
		"OTEL_BSP_MAX_QUEUE_SIZE (the SDK says: parse int)": func(f *faults) {
			(&sdkLog{faults: f}).Error(errors.New("secret"), "parse int", "environment variable", "OTEL_BSP_MAX_QUEUE_SIZE", "value", "secret")
		},
		"the SDK reports an error": func(f *faults) { f.reported(errors.New("unsupported sampler: secret")) },
	} {
		log := &told{}
		say(faultsTo(log))
		if said := log.String(); !strings.Contains(said, want) || strings.Contains(said, "are lost") || strings.Contains(said, "secret") {
			t.Errorf("the log is %s, want %q", said, want)
		}
	}
}

// The path of a signal is that of the endpoint's, before its query.
func TestCollector_KeepsTheQueryOfAnEndpoint(t *testing.T) {
	t.Parallel()
	c, _ := tracesTo("http://collector/base/?token=secret&x=", nil)
	if want := "http://collector/base/v1/traces?token=secret&x=/"; c.url != want {
		t.Errorf("spans are sent to %s, want %s", c.url, want)
	}
}

// What does not answer by HTTP is not repeated.
func TestBecause_HasNothingOfAnAnswerThatIsNoHTTP(t *testing.T) {
	t.Parallel()
	garbled := &url.Error{Op: "Post", URL: "http://h", Err: errors.New(`net/http: HTTP/1.x transport connection broken: malformed HTTP response "secret"`)}
	if got, want := because(garbled), "the collector does not answer by HTTP/1.1 (port 4317 is for gRPC; the port for HTTP is 4318)"; got != want {
		t.Errorf("because is %q, want %q", got, want)
	}
}
