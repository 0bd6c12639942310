SELECT attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)
FROM pg_attribute
WHERE attrelid = '{{schema}}.t'::regclass AND attnum > 0
ORDER BY attnum
