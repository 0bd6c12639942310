-- What keeps a table from getting a key: how many keys come more than once, and how many rows have NULL in theirs.
SELECT
    (SELECT pg_catalog.count(*) FROM (SELECT 1 FROM {table} GROUP BY {key} HAVING pg_catalog.count(*) > 1) AS repeated),
    (SELECT pg_catalog.count(*) FROM {table} WHERE {null})
