SELECT id, v, _sdc_table_version, _singular_active, _singular_end IS NULL AS open FROM t ORDER BY id, _singular_start
