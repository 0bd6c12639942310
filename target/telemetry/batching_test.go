package telemetry

import (
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// No number in a variable of the SDK ends the program: the SDK makes room for as many spans as it is told to.
func TestStart_SurvivesSizesThatNoQueueHas(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	for _, name := range []string{"OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "OTEL_BSP_SCHEDULE_DELAY"} {
		for value, warns := range map[string]bool{"-1": true, "0": true, "secret": true, "999999999999999": false, "1": false} {
			t.Run(name+"="+value, func(t *testing.T) {
				t.Setenv(name, value)
				log := &told{}
				run := Start(t.Context(), os.Getenv, "test", slog.New(slog.NewTextHandler(log, nil)))
				if said := log.String(); strings.Contains(said, name+" is not a number") != warns || strings.Contains(said, "secret") {
					t.Errorf("the log is %q", said)
				}
				run.End(Outcome{Word: Completed})
			})
		}
	}
}

// A queue that is smaller than a batch makes smaller batches, and no delay is so long that it passes for none.
func TestBatching_FitsTheNumbersToEachOther(t *testing.T) {
	t.Parallel()
	e := &environ{variables: map[string]string{"OTEL_BSP_MAX_QUEUE_SIZE": "7", "OTEL_BSP_SCHEDULE_DELAY": "9300000000000"}}
	var got sdktrace.BatchSpanProcessorOptions
	for _, option := range batching(e.getenv, e.fault) {
		option(&got)
	}
	want := sdktrace.BatchSpanProcessorOptions{MaxQueueSize: 7, MaxExportBatchSize: 7, BatchTimeout: 24 * time.Hour}
	if got != want || len(e.faults) > 0 {
		t.Errorf("the options are %+v with the faults %q, want %+v", got, e.faults, want)
	}
}

// An attribute that is not UTF-8 is left out, and takes nothing else with it.
func TestResourceOf_LeavesOutWhatIsNotUTF8(t *testing.T) {
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "team=Andr%E9,stage=night")
	log := &told{}
	got := resourceOf(t.Context(), "test", faultsTo(log)).String()
	if !strings.Contains(got, "stage=night") || strings.Contains(got, "team") {
		t.Errorf("the resource is %s", got)
	}
	if said := log.String(); !strings.Contains(said, "is not UTF-8") || strings.Contains(said, "Andr") {
		t.Errorf("the log is %q", said)
	}
}
