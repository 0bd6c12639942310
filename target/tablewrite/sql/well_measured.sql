-- Divides by zero if the planner takes a table of many rows for an empty one.
SELECT 1 / CASE
    WHEN EXISTS (
        SELECT
        FROM pg_catalog.pg_class AS c
        WHERE c.oid = {literal}::pg_catalog.regclass
          AND c.relpages > 0
          AND c.reltuples * (pg_catalog.pg_relation_size(c.oid) / 8192) / c.relpages < {few}
    ) THEN CASE WHEN EXISTS (SELECT 1 FROM {table} OFFSET {many} LIMIT 1) THEN 0 ELSE 1 END
    ELSE 1
END
