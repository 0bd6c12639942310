-- One row if a session makes an index of the table. The server hides the table from a role without the privilege to see it.
SELECT
FROM pg_catalog.pg_stat_progress_create_index AS p
WHERE p.datname = pg_catalog.current_database()
    AND p.pid <> pg_catalog.pg_backend_pid()
    AND coalesce(p.relid, $1::pg_catalog.regclass) = $1::pg_catalog.regclass
LIMIT 1
