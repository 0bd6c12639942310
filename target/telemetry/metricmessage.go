package telemetry

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	resources "go.opentelemetry.io/proto/otlp/resource/v1"
)

// messageOf writes the metrics of a run as OTLP has them: the kinds that this package makes, which are counters, gauges
// and histograms.
func messageOf(what *metricdata.ResourceMetrics) *metrics.ResourceMetrics {
	of := &metrics.ResourceMetrics{
		Resource: &resources.Resource{Attributes: keyValues(what.Resource.Iter())}, SchemaUrl: what.Resource.SchemaURL(),
	}
	for _, from := range what.ScopeMetrics {
		scope := &metrics.ScopeMetrics{Scope: &common.InstrumentationScope{Name: from.Scope.Name, Version: from.Scope.Version}}
		for _, one := range from.Metrics {
			scope.Metrics = append(scope.Metrics, metricOf(one))
		}
		of.ScopeMetrics = append(of.ScopeMetrics, scope)
	}
	return of
}

func metricOf(one metricdata.Metrics) *metrics.Metric {
	m := &metrics.Metric{Name: one.Name, Description: one.Description, Unit: one.Unit}
	switch data := one.Data.(type) {
	case metricdata.Sum[int64]:
		m.Data = &metrics.Metric_Sum{Sum: &metrics.Sum{
			AggregationTemporality: temporalityOf(data.Temporality), IsMonotonic: data.IsMonotonic, DataPoints: pointsOf(data.DataPoints),
		}}
	case metricdata.Gauge[float64]:
		m.Data = &metrics.Metric_Gauge{Gauge: &metrics.Gauge{DataPoints: pointsOf(data.DataPoints)}}
	case metricdata.Histogram[float64]:
		m.Data = &metrics.Metric_Histogram{Histogram: &metrics.Histogram{
			AggregationTemporality: temporalityOf(data.Temporality), DataPoints: histogramPointsOf(data.DataPoints),
		}}
	}
	return m
}

func temporalityOf(t metricdata.Temporality) metrics.AggregationTemporality {
	if t == metricdata.DeltaTemporality {
		return metrics.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA
	}
	return metrics.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE
}

func pointsOf[N int64 | float64](from []metricdata.DataPoint[N]) (points []*metrics.NumberDataPoint) {
	for i := range from {
		p := &metrics.NumberDataPoint{
			Attributes: keyValues(from[i].Attributes.Iter()), StartTimeUnixNano: nanoseconds(from[i].StartTime), TimeUnixNano: nanoseconds(from[i].Time),
			Exemplars: exemplarsOf(from[i].Exemplars),
		}
		switch value := any(from[i].Value).(type) {
		case int64:
			p.Value = &metrics.NumberDataPoint_AsInt{AsInt: value}
		case float64:
			p.Value = &metrics.NumberDataPoint_AsDouble{AsDouble: value}
		}
		points = append(points, p)
	}
	return points
}

func histogramPointsOf(from []metricdata.HistogramDataPoint[float64]) (points []*metrics.HistogramDataPoint) {
	for i := range from {
		p := &metrics.HistogramDataPoint{
			Attributes: keyValues(from[i].Attributes.Iter()), StartTimeUnixNano: nanoseconds(from[i].StartTime), TimeUnixNano: nanoseconds(from[i].Time),
			Count: from[i].Count, Sum: &from[i].Sum, BucketCounts: from[i].BucketCounts, ExplicitBounds: from[i].Bounds,
			Exemplars: exemplarsOf(from[i].Exemplars),
		}
		if least, has := from[i].Min.Value(); has {
			p.Min = &least
		}
		if most, has := from[i].Max.Value(); has {
			p.Max = &most
		}
		points = append(points, p)
	}
	return points
}

// exemplarsOf say in which spans values were measured.
func exemplarsOf[N int64 | float64](from []metricdata.Exemplar[N]) (all []*metrics.Exemplar) {
	for i := range from {
		e := &metrics.Exemplar{TimeUnixNano: nanoseconds(from[i].Time), SpanId: from[i].SpanID, TraceId: from[i].TraceID}
		switch value := any(from[i].Value).(type) {
		case int64:
			e.Value = &metrics.Exemplar_AsInt{AsInt: value}
		case float64:
			e.Value = &metrics.Exemplar_AsDouble{AsDouble: value}
		}
		all = append(all, e)
	}
	return all
}

// keyValues writes attributes. Those of this package are texts and whole numbers; a resource may have others, which are
// written as texts.
func keyValues(from attribute.Iterator) (all []*common.KeyValue) {
	for from.Next() {
		one := from.Attribute()
		value := &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: one.Value.String()}}
		if one.Value.Type() == attribute.INT64 {
			value.Value = &common.AnyValue_IntValue{IntValue: one.Value.AsInt64()}
		}
		all = append(all, &common.KeyValue{Key: string(one.Key), Value: value})
	}
	return all
}

func nanoseconds(t time.Time) uint64 { return uint64(max(0, t.UnixNano())) }
