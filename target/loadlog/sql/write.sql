-- The rows of a run: $1 is its id, $2 its state_id, $3 how long it has taken, $4 the rows. A run that has written them before, in a
-- transaction of which it does not know whether it was committed, writes them over.
INSERT INTO $table AS l (
    run_id, state_id, stream, table_name, load_mode, started_at, finished_at,
    read, inserted, updated, unchanged, deleted, rejected, bytes, error
)
SELECT
    $1, $2, r.stream, r.table_name, r.load_mode,
    pg_catalog.statement_timestamp() - pg_catalog.make_interval(secs => $3::pg_catalog.float8), pg_catalog.statement_timestamp(),
    r.read, r.inserted, r.updated, r.unchanged, r.deleted, r.rejected, r.bytes, r.error
FROM pg_catalog.json_to_recordset($4::pg_catalog.json) AS r (
    stream text, table_name text, load_mode text,
    read bigint, inserted bigint, updated bigint, unchanged bigint, deleted bigint, rejected bigint, bytes bigint, error text
)
ON CONFLICT (run_id, stream) DO UPDATE SET
    (finished_at, read, inserted, updated, unchanged, deleted, rejected, bytes, error) = (
        excluded.finished_at, excluded.read, excluded.inserted, excluded.updated, excluded.unchanged, excluded.deleted,
        excluded.rejected, excluded.bytes, excluded.error
    )
