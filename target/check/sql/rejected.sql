-- What check has to know of the table of rejected records $1 before it writes to it: whether it is a view, and whether
-- it has the columns that check writes. No row if there is no such table.
SELECT
    c.relkind IN ('v', 'm'),
    2 = (
        SELECT pg_catalog.count(*)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attname IN ('stream', 'reason')
    )
FROM pg_catalog.pg_class AS c
WHERE c.oid = pg_catalog.to_regclass($1)
