SELECT attname, attnotnull, regexp_replace(col_description(attrelid, attnum), '[0-9-]{10}', 'DATE') AS comment FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 ORDER BY attnum
