-- Whether the table holds all staged rows, left by one transaction. They are compared by their text: there are types without equality.
SELECT NOT EXISTS (
    SELECT ROW({columns})::pg_catalog.text COLLATE pg_catalog."C"
    FROM {staged}
    EXCEPT ALL
    SELECT ROW({columns})::pg_catalog.text COLLATE pg_catalog."C"
    FROM {table}
    WHERE xmin::pg_catalog.text OPERATOR(pg_catalog.=) {number}
)
