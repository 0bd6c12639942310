-- What sessions of ours are doing, and who keeps a lock from them. A role sees pid, application_name and user of everybody, the
-- rest only of its own sessions unless it is a member of pg_read_all_stats. $1 has the pids in braces, $2 those of all our sessions.
-- Locks on a page and on the end of a table (extend) do not count: they are held for a moment, not until COMMIT, and sessions that
-- copy into the same table wait for them all the time.
SELECT
    s.pid,
    coalesce(s.state, ''),
    coalesce(s.wait_event_type, ''),
    coalesce(s.wait_event, ''),
    coalesce(extract(epoch FROM pg_catalog.clock_timestamp() - s.state_change), 0)::pg_catalog.float8,
    coalesce(CASE
        WHEN l.locktype = 'advisory' THEN 'the advisory lock of a table (another loader has it)'
        WHEN c.relname IS NOT NULL THEN 'a lock on ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
        WHEN l.locktype IN ('transactionid', 'tuple') THEN 'a row lock'
        WHEN l.locktype IS NOT NULL THEN 'a lock on a ' || l.locktype
    END, 'a lock'),
    coalesce(h.pid, -1),
    coalesce(a.application_name, ''),
    coalesce(a.usename::pg_catalog.text, ''),
    coalesce(a.state, ''),
    coalesce(pg_catalog.to_char(coalesce(a.xact_start, a.query_start) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), ''),
    coalesce(pg_catalog.to_char(a.query_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), ''),
    coalesce(own.pids, '')
FROM pg_catalog.pg_stat_activity AS s
LEFT JOIN LATERAL (
    SELECT * FROM pg_catalog.pg_locks WHERE pid = s.pid AND NOT granted LIMIT 1
) AS l ON s.wait_event_type = 'Lock' AND s.wait_event NOT IN ('extend', 'page')
LEFT JOIN pg_catalog.pg_class AS c ON c.oid = l.relation AND l.locktype = 'relation'
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN LATERAL (
    SELECT pid FROM pg_catalog.unnest(CASE WHEN s.wait_event_type = 'Lock' AND s.wait_event NOT IN ('extend', 'page') THEN pg_catalog.pg_blocking_pids(s.pid) END) AS b (pid)
    WHERE pid <> ALL ($2::pg_catalog.int4[]) LIMIT 1
) AS h ON true
LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = h.pid
-- Those of our sessions that it waits for, maybe by way of others.
LEFT JOIN LATERAL (
    WITH RECURSIVE before (pid) AS (
        SELECT b.pid FROM pg_catalog.unnest(CASE WHEN s.wait_event_type = 'Lock' AND s.wait_event NOT IN ('extend', 'page') THEN pg_catalog.pg_blocking_pids(s.pid) END) AS b (pid)
        UNION
        SELECT b.pid FROM before CROSS JOIN LATERAL pg_catalog.unnest(pg_catalog.pg_blocking_pids(before.pid)) AS b (pid)
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity AS w WHERE w.pid = before.pid AND w.wait_event IN ('extend', 'page'))
    )
    SELECT pg_catalog.string_agg(before.pid::pg_catalog.text, ',') FROM before WHERE before.pid = ANY ($2::pg_catalog.int4[]) AND before.pid <> s.pid
) AS own (pids) ON true
WHERE s.pid = ANY ($1::pg_catalog.int4[])
