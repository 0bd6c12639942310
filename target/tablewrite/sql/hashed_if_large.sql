-- Keeps the planner from looking up every key of a batch in every partition where reading the table once is less, and from reading it
-- in the order of the keys, which it takes for less because it does not know how many rows were staged.
SELECT pg_catalog.set_config('enable_nestloop', 'off', true), pg_catalog.set_config('enable_mergejoin', 'off', true)
FROM (
    SELECT pg_catalog.sum(pg_catalog.pg_relation_size(p.relid)) AS size, pg_catalog.count(*) AS parts
    FROM {partitions} AS p
    WHERE p.isleaf
) AS t
WHERE t.size < t.parts * pg_catalog.pg_relation_size(pg_catalog.to_regclass({staged}))
