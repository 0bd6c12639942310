SELECT attrelid::regclass::text AS table, attname AS column, col_description(attrelid, attnum) AS comment
FROM pg_attribute
WHERE attrelid::regclass::text IN ('inner_first', 'outer_first', 'both_first', 'field_first') AND attnum > 1
ORDER BY 1, attnum
