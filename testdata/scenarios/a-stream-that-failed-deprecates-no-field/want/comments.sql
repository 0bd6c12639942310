SELECT attname, col_description(attrelid, attnum) AS comment FROM pg_attribute WHERE attrelid = '{{schema}}.b'::regclass AND attnum > 0 ORDER BY attnum
