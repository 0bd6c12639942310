SELECT string_agg(format('%I', attname), ' ' ORDER BY attnum) AS columns FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0 AND attname NOT LIKE '\_airbyte%'
