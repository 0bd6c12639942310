SELECT indexname FROM pg_indexes WHERE schemaname = '{{schema}}' AND tablename = 't' ORDER BY 1
