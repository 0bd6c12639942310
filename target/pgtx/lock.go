package pgtx

import (
	"fmt"
	"hash/fnv"
)

// AdvisoryLock is the statement that takes a lock until the transaction ends. It waits for the session that has it.
func AdvisoryLock(key int64) string {
	return fmt.Sprintf("SELECT pg_catalog.pg_advisory_xact_lock(%d)", key)
}

// LockKey is the same number for the same table in every process.
func LockKey(schema, name string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("target-postgres\x00" + schema + "\x00" + name))
	return int64(h.Sum64())
}
