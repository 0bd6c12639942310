-- Whether this transaction has had TimescaleDB make a chunk of a table, which takes a lock on the table that conflicts with itself,
-- or change what it keeps about a chunk, such as one that is compressed. Inserting rows into a chunk that is there does neither.
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_locks AS l
    WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
        AND (
            l.relation = pg_catalog.to_regclass($1) AND l.mode <> 'RowExclusiveLock'
            OR l.relation IN (SELECT c.oid FROM pg_catalog.pg_class AS c WHERE c.relnamespace = pg_catalog.to_regnamespace('_timescaledb_catalog'))
        )
)
