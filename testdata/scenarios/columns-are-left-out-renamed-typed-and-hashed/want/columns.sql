SELECT attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)
FROM pg_attribute
WHERE attrelid = '{{schema}}.users'::regclass AND attnum > 0
ORDER BY attnum
