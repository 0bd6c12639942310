package otlpreceiver

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strconv"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

// Attributes are attributes by their names, their values as text.
func Attributes(list []*common.KeyValue) map[string]string {
	all := map[string]string{}
	for _, one := range list {
		switch value := one.GetValue().GetValue().(type) {
		case *common.AnyValue_StringValue:
			all[one.GetKey()] = value.StringValue
		case *common.AnyValue_IntValue:
			all[one.GetKey()] = strconv.FormatInt(value.IntValue, 10)
		case *common.AnyValue_BoolValue:
			all[one.GetKey()] = strconv.FormatBool(value.BoolValue)
		case *common.AnyValue_DoubleValue:
			all[one.GetKey()] = strconv.FormatFloat(value.DoubleValue, 'g', -1, 64)
		}
	}
	return all
}

// Spans are the spans that have come, in the order in which they began.
func (r *Receiver) Spans() []*trace.Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.SortedStableFunc(slices.Values(r.spans), func(a, b *trace.Span) int {
		return int(int64(a.GetStartTimeUnixNano()) - int64(b.GetStartTimeUnixNano()))
	})
}

// Metrics are the metrics that have come, by their names, with the values that each instance has sent last.
func (r *Receiver) Metrics() map[string][]*metrics.Metric {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := map[string][]*metrics.Metric{}
	for _, instance := range slices.Sorted(maps.Keys(r.metrics)) {
		for name, one := range r.metrics[instance] {
			all[name] = append(all[name], one)
		}
	}
	return all
}

// Resource is what has sent them.
func (r *Receiver) Resource() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.resource)
}

// Headers are those of the requests.
func (r *Receiver) Headers() []http.Header {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.headers)
}

// Exports counts the requests.
func (r *Receiver) Exports() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.exports
}

// Has reports whether a text is anywhere in what has come.
func (r *Receiver) Has(text string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return bytes.Contains(r.raw, []byte(text))
}

// Point is a value of a metric: of a histogram the sum, and how many there are.
type Point struct {
	Attributes map[string]string
	Value      float64
	Count      uint64
}

// Points are the values of a metric.
func (r *Receiver) Points(name string) []Point {
	var points []Point
	for _, one := range r.Metrics()[name] {
		points = append(points, pointsOf(one)...)
	}
	return points
}

func pointsOf(one *metrics.Metric) (points []Point) {
	numbers := slices.Concat(one.GetSum().GetDataPoints(), one.GetGauge().GetDataPoints())
	for _, p := range numbers {
		value := p.GetAsDouble()
		if whole, is := p.GetValue().(*metrics.NumberDataPoint_AsInt); is {
			value = float64(whole.AsInt)
		}
		points = append(points, Point{Attributes: Attributes(p.GetAttributes()), Value: value})
	}
	for _, p := range one.GetHistogram().GetDataPoints() {
		points = append(points, Point{Attributes: Attributes(p.GetAttributes()), Value: p.GetSum(), Count: p.GetCount()})
	}
	return points
}

// Value adds up the values of a metric whose attributes are as given.
func (r *Receiver) Value(name string, with map[string]string) (value float64, count uint64) {
	for _, p := range r.Points(name) {
		fits := true
		for key, want := range with {
			fits = fits && p.Attributes[key] == want
		}
		if fits {
			value, count = value+p.Value, count+p.Count
		}
	}
	return value, count
}
