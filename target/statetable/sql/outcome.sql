-- One row if an in-doubt transaction was committed. It waits for the end of that transaction.
SELECT
FROM {table}
WHERE id OPERATOR(pg_catalog.=) $1
  AND run OPERATOR(pg_catalog.=) $2
  AND xmin::pg_catalog.text OPERATOR(pg_catalog.=) $3
FOR UPDATE
