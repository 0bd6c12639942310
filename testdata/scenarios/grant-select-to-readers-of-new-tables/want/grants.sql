SELECT relname, has_table_privilege('pg_monitor', oid, 'SELECT') AS readable, has_table_privilege('pg_monitor', oid, 'INSERT') AS writable
FROM pg_class WHERE relnamespace = '{{schema}}'::regnamespace AND relkind = 'r' ORDER BY 1
