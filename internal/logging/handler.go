// Package logging puts log lines where each reader looks for them: lines for people, the Singer SDK's structured lines
// for Meltano, LOG messages for Airbyte. Metrics are log lines in the form of the Singer SDK.
//
// A handler may be used by any number of goroutines.
package logging

import (
	"context"
	"log/slog"
	"math"
	"slices"
	"sync"
	"time"
)

// entry is one log line, ready for any of the formats.
type entry struct {
	at      time.Time
	level   slog.Level
	message string
	stream  string // the attribute "stream", which the formats have a place for
	metric  *Metric
	attrs   []slog.Attr // all others, groups flattened into dotted keys
}

// handler is a slog.Handler that leaves the format to emit, which need not be safe for concurrent use.
type handler struct {
	level  slog.Leveler
	emit   func(*entry) error
	mu     *sync.Mutex
	prefix string
	attrs  []slog.Attr
}

func newHandler(level slog.Leveler, emit func(*entry) error) *handler {
	return &handler{level: level, emit: emit, mu: new(sync.Mutex)}
}

// Enabled implements slog.Handler.
func (h *handler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.level.Level()
}

// Handle implements slog.Handler.
func (h *handler) Handle(_ context.Context, r slog.Record) error {
	e := entry{at: r.Time, level: r.Level, message: r.Message}
	for _, a := range h.attrs {
		e.add(a)
	}
	r.Attrs(func(a slog.Attr) bool {
		for _, flat := range flatten(nil, h.prefix, a) {
			e.add(flat)
		}
		return true
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.emit(&e)
}

// WithAttrs implements slog.Handler.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	with.attrs = slices.Clip(h.attrs)
	for _, a := range attrs {
		with.attrs = flatten(with.attrs, h.prefix, a)
	}
	return &with
}

// WithGroup implements slog.Handler.
func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	with := *h
	with.prefix = h.prefix + name + "."
	return &with
}

// add puts an attribute where the formats look for it.
func (e *entry) add(a slog.Attr) {
	switch metric, ok := a.Value.Any().(Metric); {
	case ok:
		e.metric = &metric
	case a.Key == "stream":
		e.stream = a.Value.String()
	default:
		e.attrs = append(e.attrs, a)
	}
}

// flatten appends an attribute, or the attributes of a group under dotted keys.
func flatten(to []slog.Attr, prefix string, a slog.Attr) []slog.Attr {
	value := a.Value.Resolve()
	if value.Kind() != slog.KindGroup {
		if a.Key == "" && value.Any() == nil {
			return to
		}
		return append(to, slog.Attr{Key: prefix + a.Key, Value: value})
	}
	if a.Key != "" {
		prefix += a.Key + "."
	}
	for _, member := range value.Group() {
		to = flatten(to, prefix, member)
	}
	return to
}

// plain returns the value of an attribute for JSON: errors and what else has a text become that text, numbers and
// booleans stay what they are if JSON has them.
func plain(v slog.Value) any {
	switch v.Kind() {
	case slog.KindFloat64:
		if f := v.Float64(); math.IsNaN(f) || math.IsInf(f, 0) {
			return v.String()
		}
		return v.Any()
	case slog.KindBool, slog.KindInt64, slog.KindUint64:
		return v.Any()
	default:
		return v.String()
	}
}
