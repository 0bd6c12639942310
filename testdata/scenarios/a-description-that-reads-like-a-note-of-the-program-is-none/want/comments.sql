SELECT attname, col_description(attrelid, attnum) AS comment FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 ORDER BY attnum
