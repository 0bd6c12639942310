SELECT count(*) AS tables FROM pg_class WHERE relnamespace = current_schema()::regnamespace
