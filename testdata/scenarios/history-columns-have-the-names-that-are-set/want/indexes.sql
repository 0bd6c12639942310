SELECT indexname, replace(indexdef, '{{schema}}', 's') AS indexdef FROM pg_indexes WHERE schemaname = '{{schema}}' ORDER BY 1
