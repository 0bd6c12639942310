SELECT relname, obj_description(oid, 'pg_class') AS comment
FROM pg_class
WHERE relnamespace = '{{schema}}'::regnamespace AND relkind = 'r'
ORDER BY 1
