SELECT attname, format_type(atttypid, atttypmod)
FROM pg_attribute
WHERE attrelid IN ('{{schema}}.t'::regclass, '{{schema}}.u'::regclass) AND attnum > 0
ORDER BY attrelid, attnum
