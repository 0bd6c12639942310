SELECT relname, obj_description(oid) AS comment FROM pg_class WHERE relnamespace = '{{schema}}'::regnamespace AND relkind = 'r' ORDER BY relname
