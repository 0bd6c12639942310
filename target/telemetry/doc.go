// Package telemetry sends OpenTelemetry metrics and one trace of a run to a collector, by OTLP over HTTP.
//
// It promises that nothing is made and nothing is sent unless the standard OTEL_* variables ask for it; that a
// collector which is slow, away or wrong delays a run by at most a second at its end, fails nothing, and costs at most
// one warning; that no value of a record, no SQL and no secret is sent or logged; and that the number of spans is
// bounded, however long a run takes.
//
// A nil *Run and a nil *Task do nothing, so that callers need not ask whether telemetry is on. Any goroutine may use a
// Run. A Task belongs to the goroutine that carries it out.
package telemetry
