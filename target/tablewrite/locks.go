package tablewrite

import (
	"slices"

	"target-postgres/merge"
	"target-postgres/target/pgtx"
)

// Locks are the statements that wait for other loaders of the tables that only one may merge into at a time: those
// where no unique index settles who inserts a key. They are sorted, so that two loaders ask for them in one order.
func Locks(writes []*Write) []string {
	var keys []int64
	for _, l := range writes {
		unsettled := !l.Job.Unique || l.Job.NullKeys || l.Job.Place != merge.Here
		if l.Job.Mode == merge.History || (len(l.Job.Key) > 0 && unsettled && (!l.Direct || l.guesses())) {
			keys = append(keys, pgtx.LockKey(l.Job.Target.Schema, l.Job.Target.Table))
		}
	}
	slices.Sort(keys)
	statements := make([]string, len(keys))
	for i, key := range keys {
		statements[i] = pgtx.AdvisoryLock(key)
	}
	return statements
}
