package main

import (
	"slices"

	"target-postgres/merge"
	"target-postgres/typemap"
)

// request is what the benchmark asks for. The columns of the modes have the names that the program gives them.
type request struct {
	Mode    string      `json:"mode"`
	Schema  string      `json:"schema"`
	Table   string      `json:"table"`
	Staged  string      `json:"staged"`
	Key     []string    `json:"key"`
	Columns [][2]string `json:"columns"`
	// IgnoreConflicts, Order and Slice are those of a merge that leaves rows alone, orders records or replaces slices.
	IgnoreConflicts bool     `json:"ignore_conflicts"`
	Order           []string `json:"order"`
	Slice           []string `json:"slice"`
}

// statements are those of one batch with no key twice, no tombstone and no partial record: what a baseline expects.
func (r request) statements() ([]merge.Statement, error) {
	mode, err := merge.ParseMode(r.Mode)
	if err != nil {
		return nil, err
	}
	job := merge.Job{
		Mode:   mode,
		Target: merge.Name{Schema: r.Schema, Table: r.Table},
		Staged: merge.Name{Schema: "pg_temp", Table: r.Staged},
		Unique: mode.NeedsUniqueKey(),
		At:     "_singular_at", Start: "_singular_start", End: "_singular_end", Active: "_singular_active",
		Deleted: "_singular_deleted", IgnoreConflicts: r.IgnoreConflicts, Order: r.Order, Slice: merge.Slice{Columns: r.Slice},
	}
	for _, c := range r.Columns {
		column := merge.Column{Name: c[0], Type: typemap.ParseType(c[1])}
		job.Columns = append(job.Columns, column)
		if slices.Contains(r.Key, c[0]) {
			job.Key = append(job.Key, column)
		}
	}
	if mode == merge.Replace {
		return merge.Swap(job)
	}
	return merge.Load(job)
}
