SELECT count(*) AS tables FROM pg_class WHERE relnamespace = '{{schema}}'::regnamespace AND relname LIKE '\_singular\_%' AND relkind = 'r' AND relname <> '_singular_rejected'
