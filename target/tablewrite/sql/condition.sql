-- The condition of the CHECK $2 of the table $1, if it is about the column $3 and no other.
SELECT pg_get_expr(c.conbin, c.conrelid)
FROM pg_constraint AS c
JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attname = $3
WHERE c.conrelid = to_regclass($1) AND c.contype = 'c' AND c.conname = $2 AND c.conkey = ARRAY[a.attnum]
