-- How many rows of a table this session has inserted and updated, of those that the server has yet to report.
SELECT pg_catalog.pg_stat_get_xact_tuples_inserted(t.oid), pg_catalog.pg_stat_get_xact_tuples_updated(t.oid)
FROM (SELECT pg_catalog.to_regclass({table})::pg_catalog.oid AS oid) AS t
