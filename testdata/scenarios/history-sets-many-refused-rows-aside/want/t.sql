SELECT id, v, _singular_active AS active FROM t ORDER BY id, _singular_start, _singular_active, v
