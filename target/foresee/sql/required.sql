-- Whether no row of the table $1 has NULL in its column $2.
SELECT EXISTS (
    SELECT
    FROM pg_attribute AS a
    WHERE a.attrelid = to_regclass($1) AND a.attname = $2 AND a.attnotnull
      AND NOT EXISTS (
        SELECT
        FROM pg_constraint AS c
        WHERE c.conrelid = a.attrelid AND c.contype = 'n' AND c.conkey = ARRAY[a.attnum] AND NOT c.convalidated
      )
)
