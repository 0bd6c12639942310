package tablewrite

import (
	"testing"

	"target-postgres/merge"
	"target-postgres/target/batch"
	"target-postgres/target/revision"
	"target-postgres/typemap"
)

func TestKeysThatGrowAreLookedUpOnce(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		key    typemap.Type
		unique bool
		batch  batch.Batch
		direct bool
	}{
		{name: "whole numbers", key: typemap.BigInt, direct: true},
		{name: "a key twice", key: typemap.BigInt, batch: batch.Batch{Duplicates: true}},
		{name: "texts", key: typemap.Text},
		{name: "an index over the key", key: typemap.BigInt, unique: true},
	} {
		view := &revision.Revision{Spec: &revision.Spec{}, Table: &revision.Table{Unique: test.unique}, Flags: &revision.Flags{}}
		view.StartedEmpty.Store(true)
		w := &Write{Stream: view, Batch: &test.batch, Job: merge.Job{Mode: merge.Upsert, Key: []merge.Column{{Name: "id", Type: test.key}}}}
		if w.NumberedBy() != "" {
			w.Numbered(merge.Stretch{From: 1, To: 2}, true)
		}
		if w.guesses() != test.direct || (len(LastLook([]*Write{w})) > 0) != test.direct {
			t.Errorf("%s: straight into the table is %t", test.name, w.guesses())
		}
	}
}
