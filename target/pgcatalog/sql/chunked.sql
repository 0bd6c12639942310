-- The tables of a schema that TimescaleDB cuts into chunks, or only the one that is named, and the columns by which it does, the time first.
SELECT h.table_name, d.column_name
FROM _timescaledb_catalog.hypertable AS h
JOIN _timescaledb_catalog.dimension AS d ON d.hypertable_id = h.id
WHERE h.schema_name = $1 AND ($2 = '' OR h.table_name = $2)
ORDER BY d.id
