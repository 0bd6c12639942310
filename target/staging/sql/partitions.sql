-- The partitions of the table $1 that have rows themselves, always in the same order.
SELECT n.nspname, c.relname
FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass($1::text)) AS p
JOIN pg_catalog.pg_class AS c ON c.oid = p.relid AND c.relkind = 'r'
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
ORDER BY c.oid
