package protocol

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	gojson "github.com/goccy/go-json"
)

// airbyteMessage is any message but STATE. Type stays the first key: tools that look for errors in a connector's log
// search for `{"type":"TRACE"`.
type airbyteMessage struct {
	Type             string            `json:"type"`
	Spec             *specBody         `json:"spec,omitempty"`
	ConnectionStatus *connectionStatus `json:"connectionStatus,omitempty"`
	Trace            *traceBody        `json:"trace,omitempty"`
	Log              *logBody          `json:"log,omitempty"`
}

// Spec is what the spec command says about the connector.
type Spec struct {
	DocumentationURL string // optional
	ChangelogURL     string // optional
	// ConnectionSpecification is the JSON Schema of the configuration; it may span lines.
	ConnectionSpecification []byte
}

type specBody struct {
	ProtocolVersion       string            `json:"protocol_version"`
	DocumentationURL      string            `json:"documentationUrl,omitempty"`
	ChangelogURL          string            `json:"changelogUrl,omitempty"`
	SupportsIncremental   bool              `json:"supportsIncremental"`
	SupportsNormalization bool              `json:"supportsNormalization"`
	SupportsDBT           bool              `json:"supportsDBT"`
	SyncModes             []string          `json:"supported_destination_sync_modes"`
	Connection            gojson.RawMessage `json:"connectionSpecification"`
}

// Spec emits the SPEC message.
func (w *Writer) Spec(s Spec) error {
	var compact bytes.Buffer
	if err := gojson.Compact(&compact, s.ConnectionSpecification); err != nil {
		return fmt.Errorf("connection specification: %w", err)
	}
	return w.airbyte(&airbyteMessage{Type: "SPEC", Spec: &specBody{
		ProtocolVersion:     "0.2.0",
		DocumentationURL:    s.DocumentationURL,
		ChangelogURL:        s.ChangelogURL,
		SupportsIncremental: true,
		SyncModes:           []string{SyncOverwrite, SyncAppend, SyncAppendDedup},
		Connection:          compact.Bytes(),
	}})
}

type connectionStatus struct {
	Status  string `json:"status"`
	Message string `json:"message,omitempty"`
}

// ConnectionStatus emits the outcome of the check command. A check that failed is a message, not an exit code.
func (w *Writer) ConnectionStatus(succeeded bool, message string) error {
	status := "FAILED"
	if succeeded {
		status = "SUCCEEDED"
	}
	return w.airbyte(&airbyteMessage{
		Type:             "CONNECTION_STATUS",
		ConnectionStatus: &connectionStatus{Status: status, Message: message},
	})
}

// FailureType is what a failure is due to. The platform retries system and transient failures, and leaves a
// configuration error to the user.
type FailureType string

// The failure types of the protocol.
const (
	SystemError    FailureType = "system_error"
	ConfigError    FailureType = "config_error"
	TransientError FailureType = "transient_error"
)

// Failure is why a sync ends.
type Failure struct {
	Type     FailureType // empty means SystemError
	Message  string      // a sentence for the user
	Internal string      // for the developer who looks for the cause; empty means Message
	Stream   Stream      // optional
	At       time.Time   // zero means now
}

type traceBody struct {
	Type      string            `json:"type"`
	EmittedAt gojson.RawMessage `json:"emitted_at"`
	Error     *traceError       `json:"error,omitempty"`
	Status    *streamStatus     `json:"stream_status,omitempty"`
}

type streamStatus struct {
	Stream streamDescriptor `json:"stream_descriptor"`
	Status string           `json:"status"`
}

type traceError struct {
	Message     string            `json:"message"`
	Internal    string            `json:"internal_message"`
	FailureType FailureType       `json:"failure_type"`
	Stream      *streamDescriptor `json:"stream_descriptor,omitempty"`
}

type streamDescriptor struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"`
}

// Trace emits a TRACE ERROR message. The exit code has to show the failure, too: clients take every sync that exits
// with 0 for a success.
func (w *Writer) Trace(f Failure) error {
	body := &traceError{Message: f.Message, Internal: f.Internal, FailureType: f.Type}
	if body.Internal == "" {
		body.Internal = f.Message
	}
	if body.FailureType == "" {
		body.FailureType = SystemError
	}
	if f.Stream != (Stream{}) {
		body.Stream = &streamDescriptor{Name: f.Stream.Name, Namespace: f.Stream.Namespace}
	}
	at := f.At
	if at.IsZero() {
		at = time.Now()
	}
	return w.airbyte(&airbyteMessage{Type: "TRACE", Trace: &traceBody{Type: "ERROR", EmittedAt: millis(at), Error: body}})
}

// Incomplete emits a TRACE STREAM_STATUS message: the stream was not loaded to its end.
func (w *Writer) Incomplete(s Stream) error {
	status := &streamStatus{Stream: streamDescriptor{Name: s.Name, Namespace: s.Namespace}, Status: "INCOMPLETE"}
	return w.airbyte(&airbyteMessage{Type: "TRACE", Trace: &traceBody{
		Type: "STREAM_STATUS", EmittedAt: millis(time.Now()), Status: status,
	}})
}

// millis prints an instant as the protocol wants it, a float. Go would print a whole one without its point.
func millis(at time.Time) gojson.RawMessage {
	return gojson.RawMessage(strconv.FormatFloat(float64(at.UnixMicro())/1000, 'f', 1, 64))
}

type logBody struct {
	Level   string `json:"level"`
	Message string `json:"message"`
}

// Log emits a LOG message. level is one of the protocol's: FATAL, ERROR, WARN,
// INFO, DEBUG and TRACE.
func (w *Writer) Log(level, message string) error {
	return w.airbyte(&airbyteMessage{Type: "LOG", Log: &logBody{Level: level, Message: message}})
}

// airbyte emits a message.
func (w *Writer) airbyte(m *airbyteMessage) error {
	encoded, err := encode(m)
	if err != nil {
		return fmt.Errorf("encode %s message: %w", m.Type, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.line(func(buf []byte) ([]byte, error) { return append(buf, encoded...), nil })
}

// encode returns JSON on one line, for people to read: < and > stay as they are.
func encode(v any) ([]byte, error) {
	return gojson.MarshalWithOption(v, gojson.DisableHTMLEscape())
}
