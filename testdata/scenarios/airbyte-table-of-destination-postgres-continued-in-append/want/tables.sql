SELECT relname, relkind FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = '{{schema}}' AND relkind IN ('r', 'v') ORDER BY 1
