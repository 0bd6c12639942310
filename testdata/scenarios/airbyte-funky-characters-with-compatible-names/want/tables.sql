SELECT nspname, relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname LIKE '{{schema}}%' AND relkind = 'r' ORDER BY 1, 2
