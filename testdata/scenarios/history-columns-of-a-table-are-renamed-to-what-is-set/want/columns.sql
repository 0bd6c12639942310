SELECT string_agg(column_name, ' ' ORDER BY ordinal_position) AS columns FROM information_schema.columns WHERE table_schema = '{{schema}}' AND table_name = 'users'
