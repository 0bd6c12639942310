SELECT id, v, _sdc_table_version, _singular_active FROM versions ORDER BY id, _singular_start
