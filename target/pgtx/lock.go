package pgtx

import (
	"fmt"
	"hash/fnv"
)

// AdvisoryLock is the statement that takes a lock until the transaction ends. It waits for the session that has it.
func AdvisoryLock(key int64) string {
	return fmt.Sprintf("SELECT pg_catalog.pg_advisory_xact_lock(%d)", key)
}

// TryLock is the statement that takes the same lock if no session has it. It fails with division_by_zero otherwise.
func TryLock(key int64) string {
	return fmt.Sprintf("SELECT 1 / pg_catalog.pg_try_advisory_xact_lock(%d)::pg_catalog.int4", key)
}

// LockKey is the same number for the same table in every process.
func LockKey(schema, name string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("target-postgres\x00" + schema + "\x00" + name))
	return int64(h.Sum64())
}
