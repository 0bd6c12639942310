SELECT array_agg(attname ORDER BY attnum) AS key FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey) WHERE indrelid = 't'::regclass AND indisprimary
