SELECT id, first_name, at, amount, ok, _sdc_table_version, _sdc_sequence < 5000000000 AS in_seconds FROM web_users ORDER BY 1
