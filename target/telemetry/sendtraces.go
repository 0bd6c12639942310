package telemetry

import (
	"context"
	"errors"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
)

// traceClient is an otlptrace.Client: the SDK's exporter turns spans into messages, and this sends them.
type traceClient struct{ to *collector }

// Start implements otlptrace.Client. There is nothing to connect.
func (*traceClient) Start(context.Context) error { return nil }

// Stop implements otlptrace.Client.
func (*traceClient) Stop(context.Context) error { return nil }

// UploadTraces implements otlptrace.Client. The message has the form of an ExportTraceServiceRequest.
func (c *traceClient) UploadTraces(ctx context.Context, spans []*trace.ResourceSpans) error {
	c.to.deliver(ctx, &trace.TracesData{ResourceSpans: spans})
	return nil
}

// errPartial is the error of a message of which the collector took some.
var errPartial = errors.New("the collector took only part of what was sent")

// partial reads the collector's answer: its first field tells how much was rejected, and why, which is not repeated.
func partial(answer []byte) error {
	number, kind, n := protowire.ConsumeTag(answer)
	if n < 0 || number != 1 || kind != protowire.BytesType {
		return nil
	}
	rejected, n := protowire.ConsumeBytes(answer[n:])
	if n < 0 {
		return nil
	}
	number, kind, n = protowire.ConsumeTag(rejected)
	if n < 0 || number != 1 || kind != protowire.VarintType {
		return nil
	}
	if count, n := protowire.ConsumeVarint(rejected[n:]); n > 0 && count > 0 {
		return errPartial
	}
	return nil
}
