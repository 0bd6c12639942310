SELECT count(*) AS tables FROM pg_class WHERE relnamespace = '{{schema}}'::regnamespace AND relname LIKE 't\_singular\_closed\_%'
