SELECT id, v, _singular_active FROM t ORDER BY id
