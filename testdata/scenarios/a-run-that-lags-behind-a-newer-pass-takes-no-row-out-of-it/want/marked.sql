SELECT id, v, _sdc_table_version, _singular_deleted FROM marked ORDER BY 1
