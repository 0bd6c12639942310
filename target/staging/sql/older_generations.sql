-- One row if the table has rows of an older generation, or of none, and no row of this refresh.
SELECT
FROM (SELECT 1 FROM {table} WHERE {generation} IS NULL OR {generation} < {least} LIMIT 1) AS older
WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE {generation} >= {least} LIMIT 1)
