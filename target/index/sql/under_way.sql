-- One row if a session makes an index of the table $1. The server hides the table of another role's session from a role without the
-- privilege to see it: $2 says whether such a one counts.
SELECT
FROM pg_catalog.pg_stat_progress_create_index AS p
WHERE p.datname = pg_catalog.current_database()
    AND p.pid <> pg_catalog.pg_backend_pid()
    AND coalesce(p.relid = $1::pg_catalog.regclass, $2::pg_catalog.bool)
LIMIT 1
