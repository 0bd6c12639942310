SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = '{{schema}}' AND relkind = 'r' ORDER BY 1
