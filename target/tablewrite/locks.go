package tablewrite

import (
	"slices"

	"target-postgres/merge"
	"target-postgres/target/pgtx"
)

// Locks are the statements that wait for other loaders of the tables that only one may merge into at a time: those
// where no unique index settles who inserts a key. They are sorted, so that two loaders ask for them in one order. all
// has those of writes for which LastLook asks without waiting.
func Locks(writes []*Write, all bool) []string {
	var keys []int64
	for _, w := range writes {
		unsettled := !w.Job.Unique || w.Job.NullKeys || w.Job.Place != merge.Here
		needs := w.Job.Mode == merge.History || len(w.Job.Key) > 0 && unsettled && (!w.Direct || w.guesses())
		if needs && (all || !w.guesses()) {
			keys = append(keys, w.lockKey())
		}
	}
	slices.Sort(keys)
	statements := make([]string, len(keys))
	for i, key := range keys {
		statements[i] = pgtx.AdvisoryLock(key)
	}
	return statements
}

func (w *Write) lockKey() int64 { return pgtx.LockKey(w.Job.Target.Schema, w.Job.Target.Table) }
