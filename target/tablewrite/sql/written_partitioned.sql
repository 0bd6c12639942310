-- The same for a partitioned table, whose partitions have the counts.
SELECT
    pg_catalog.sum(pg_catalog.pg_stat_get_xact_tuples_inserted(relid)),
    pg_catalog.sum(pg_catalog.pg_stat_get_xact_tuples_updated(relid))
FROM {partitions}
