-- The statement that marks the newest constraint of table $1 that a unique index is behind.
SELECT pg_catalog.format('COMMENT ON CONSTRAINT %I ON %s IS %L', n.conname, n.conrelid::pg_catalog.regclass, $2)
FROM pg_catalog.pg_constraint AS n
WHERE n.conrelid = pg_catalog.to_regclass($1) AND n.contype IN ('p', 'u')
ORDER BY n.oid DESC
LIMIT 1
