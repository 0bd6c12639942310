SELECT v, length(_sdc_primary_key) > 20 AS named, _sdc_table_version FROM events ORDER BY 1
