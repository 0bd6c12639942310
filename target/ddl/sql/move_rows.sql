-- The rows of a period leave the default partition ($1) for their own ($2). $3 are their columns, $4 the one that says in which period
-- a row is, $5 and $6 the bounds.
WITH moved AS (
    DELETE FROM $1 WHERE $4 >= $5 AND $4 < $6 RETURNING $3
)
INSERT INTO $2 ($3) SELECT $3 FROM moved
