SELECT table_name FROM (SELECT regexp_replace(table_name, '[0-9]{14}_[0-9]{6}', 'time') AS table_name FROM information_schema.tables WHERE table_schema = '{{schema}}') AS t ORDER BY 1
