SELECT id, v, _sdc_table_version, _singular_deleted FROM t ORDER BY id
