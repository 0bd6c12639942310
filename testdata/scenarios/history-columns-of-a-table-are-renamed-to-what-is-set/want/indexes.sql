SELECT count(*) AS indexes FROM pg_indexes WHERE schemaname = '{{schema}}'
