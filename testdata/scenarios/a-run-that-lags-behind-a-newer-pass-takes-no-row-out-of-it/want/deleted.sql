SELECT id, v, _sdc_table_version FROM deleted ORDER BY 1
