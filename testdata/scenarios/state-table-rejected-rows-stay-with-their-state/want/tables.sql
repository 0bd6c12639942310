SELECT relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace WHERE nspname = '{{schema}}' AND relkind = 'r' ORDER BY relname
