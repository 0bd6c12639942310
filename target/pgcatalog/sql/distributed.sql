-- The tables of a schema that Citus distributes, or only the one that is named, and the column by which it does; null for a
-- table in one shard. Whether it is a reference table, which every node has whole.
SELECT c.relname, pg_catalog.column_to_column_name(d.logicalrelid, d.partkey), d.partmethod = 'n' AND d.repmodel = 't'
FROM pg_catalog.pg_dist_partition AS d
JOIN pg_catalog.pg_class AS c ON c.oid = d.logicalrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND ($2 = '' OR c.relname = $2)
