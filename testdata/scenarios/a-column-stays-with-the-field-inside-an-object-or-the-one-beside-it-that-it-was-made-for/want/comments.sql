SELECT attrelid::regclass::text AS table, attname AS column, regexp_replace(col_description(attrelid, attnum), '[0-9-]{10}$', 'today') AS comment
FROM pg_attribute
WHERE attrelid::regclass::text IN ('object_first', 'field_first', 'whole_first') AND attnum > 1
ORDER BY 1, attnum
