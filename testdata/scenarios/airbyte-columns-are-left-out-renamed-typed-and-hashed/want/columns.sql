SELECT attname, format_type(atttypid, atttypmod)
FROM pg_attribute
WHERE attrelid = '{{schema}}.users'::regclass AND attnum > 4
ORDER BY attnum
