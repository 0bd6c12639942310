SELECT relname FROM pg_class WHERE relnamespace = '{{schema}}'::regnamespace AND relkind = 'r' ORDER BY 1
