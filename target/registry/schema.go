package registry

import (
	"slices"

	"target-postgres/target/stream"
)

// Follow registers a stream that shares another one's table, and returns it as it is registered.
func (r *Registry) Follow(before, next *stream.Stream) *stream.Stream {
	if before == nil {
		r.Add(next)
		if lead := r.Leader(next); next.Partition.On() && next.Config.PartitionBy != lead.Config.PartitionBy {
			r.log.Warn("partition_by is ignored: the stream shares its table, and what counts is partition_by of the stream that comes first",
				"stream", next.Name, "first", lead.Name)
		}
	} else {
		before.Become(next)
		next = before
	}
	r.Set(next)
	return next
}

// WithoutColumns leaves a stream out whose SCHEMA has no columns. Where an earlier one had some it stays in force.
func (r *Registry) WithoutColumns(before, next *stream.Stream) {
	if before != nil {
		before.Spec = before.With(next.Schema)
	} else {
		r.Add(next)
		r.Set(next)
	}
	if before == nil || !before.Skip {
		r.log.Warn(next.Say("the SCHEMA has no columns and is ignored", "the catalog names no properties of the stream: nothing is loaded of it"), "stream", next.Name)
	}
}

// TellShape says once a stream what its settings could not do.
func (r *Registry) TellShape(before, next *stream.Stream) {
	if before != nil && slices.Equal(before.Plan.Warnings, next.Plan.Warnings) {
		return
	}
	for _, warning := range next.Plan.Warnings {
		r.log.Warn(warning, "stream", next.Name)
	}
}

// Drop leaves a stream out, as stream_maps asks for. It has no table.
func (r *Registry) Drop(before, next *stream.Stream) {
	if before == nil {
		r.Add(next)
		r.log.Info("left out by stream_maps", "stream", next.Name)
		r.Set(next)
	}
}
