SELECT id, v, _sdc_deleted_at FROM t ORDER BY 1
