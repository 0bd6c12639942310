package telemetry

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"
)

// The exporters of the SDK bring gRPC along, which is larger than everything else that telemetry needs. OTLP over HTTP
// needs little of that: one POST for each message, by the rules of the specification.

// collector is where one signal is sent to.
type collector struct {
	url     string
	headers map[string]string
	gzip    bool
	client  *http.Client
	faults  *faults
	// pause is between the first two attempts to send a message.
	pause time.Duration
}

const (
	// mostPause is between two attempts to send a message, mostPatience for how long it is tried.
	mostPause    = 30 * time.Second
	mostPatience = time.Minute
	// mostAnswer bounds what is read of an answer.
	mostAnswer = 64 << 10
)

// answerError is an answer other than success.
type answerError struct {
	status int
	// after is for how long the collector asks to wait.
	after time.Duration
}

// Error says the status, and nothing of the answer, which may hold what was sent.
func (e *answerError) Error() string {
	return fmt.Sprintf("the collector answered %d %s", e.status, http.StatusText(e.status))
}

// again reports whether the collector may take the message later.
func (e *answerError) again() bool {
	switch e.status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// deliver sends a message. A failure is a fault, and no error for the SDK, which would print it.
func (c *collector) deliver(ctx context.Context, message proto.Message) {
	answer, err := c.send(ctx, message)
	if err == nil {
		err = partial(answer)
	}
	c.faults.failed(err)
}

// send sends a message, and again if the collector asks for that. It returns when the context ends.
func (c *collector) send(ctx context.Context, message proto.Message) ([]byte, error) {
	body, err := proto.Marshal(message)
	if err == nil && c.gzip {
		body, err = zipped(body)
	}
	if err != nil {
		return nil, err
	}
	until := time.Now().Add(mostPatience)
	for pause := c.pause; ; pause = min(2*pause, mostPause) {
		answer, err := c.post(ctx, body)
		refused, is := err.(*answerError) //nolint:errorlint // made a moment ago, never wrapped
		if !is || !refused.again() {
			return answer, err
		}
		wait := max(pause, refused.after)
		if time.Now().Add(wait).After(until) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(wait):
		}
	}
}

// post makes one attempt.
func (c *collector) post(ctx context.Context, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, value := range c.headers {
		request.Header.Set(name, value)
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	if c.gzip {
		request.Header.Set("Content-Encoding", "gzip")
	}
	response, err := c.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if response.StatusCode < 200 || response.StatusCode > 299 {
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
		return nil, &answerError{status: response.StatusCode, after: time.Duration(seconds) * time.Second}
	}
	return answer, err
}

func zipped(body []byte) ([]byte, error) {
	var out bytes.Buffer
	writer := gzip.NewWriter(&out)
	if _, err := writer.Write(body); err != nil {
		return nil, err
	}
	err := writer.Close()
	return out.Bytes(), err
}
