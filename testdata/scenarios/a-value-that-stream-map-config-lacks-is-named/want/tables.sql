SELECT tablename
FROM pg_tables
WHERE schemaname = '{{schema}}'
ORDER BY 1
