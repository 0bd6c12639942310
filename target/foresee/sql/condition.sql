-- The condition of the CHECK $2 of the table $1, the columns that it is about, and whether all rows of the table meet
-- it.
SELECT
    pg_get_expr(c.conbin, c.conrelid),
    ARRAY(
        SELECT coalesce(a.attname::text, '')
        FROM unnest(c.conkey) WITH ORDINALITY AS k(number, place)
        LEFT JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.number
        ORDER BY k.place
    ),
    c.convalidated
FROM pg_constraint AS c
WHERE c.conrelid = to_regclass($1) AND c.contype = 'c' AND c.conname = $2
