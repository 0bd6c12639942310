SELECT attname, format_type(atttypid, atttypmod)
FROM pg_attribute
WHERE attrelid = '{{schema}}.people'::regclass AND attnum > 0
ORDER BY attnum
