UPDATE pg_index SET indisvalid = false WHERE indexrelid = (SELECT oid FROM pg_class WHERE relnamespace = '{{schema}}'::regnamespace AND relname LIKE 'users\_email\_singular%');
