SELECT count(*) FROM pg_class WHERE relnamespace = '{{schema}}'::regnamespace
