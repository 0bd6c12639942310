SELECT column_name, column_default, col_description('users'::regclass, ordinal_position) AS comment FROM information_schema.columns WHERE table_schema = '{{schema}}' ORDER BY ordinal_position
