-- The tables of a schema that TimescaleDB cuts into chunks, or only the one that is named, the columns by which it does, the time first, and
-- whether the chunks are on this server, nobody else has made a trigger, and the role may see which locks it has, and whether a chunk has
-- the rows of a day or more, and nothing reads changes from the server's log.
SELECT
    h.table_name,
    d.column_name,
    coalesce((pg_catalog.to_jsonb(h) ->> 'replication_factor')::pg_catalog.int4, 0) <= 0
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_trigger AS tg
            JOIN pg_catalog.pg_proc AS fn ON fn.oid = tg.tgfoid
            WHERE tg.tgrelid = pg_catalog.to_regclass(pg_catalog.format('%I.%I', h.schema_name, h.table_name))
                AND coalesce(fn.pronamespace NOT IN (
                    pg_catalog.to_regnamespace('_timescaledb_functions'), pg_catalog.to_regnamespace('_timescaledb_internal')
                ), true)
        )
        AND pg_catalog.has_table_privilege('pg_catalog.pg_locks', 'SELECT')
        AND pg_catalog.has_function_privilege('pg_catalog.pg_lock_status()', 'EXECUTE'),
    coalesce((pg_catalog.to_jsonb(d) ->> 'interval_length')::pg_catalog.int8 >= 86400000000, false)
        AND pg_catalog.current_setting('wal_level') <> 'logical'
FROM _timescaledb_catalog.hypertable AS h
JOIN _timescaledb_catalog.dimension AS d ON d.hypertable_id = h.id
WHERE h.schema_name = $1 AND ($2 = '' OR h.table_name = $2)
ORDER BY d.id
