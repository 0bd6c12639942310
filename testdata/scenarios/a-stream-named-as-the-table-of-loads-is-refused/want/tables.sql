SELECT relname FROM pg_class WHERE relnamespace = '{{schema}}'::regnamespace
