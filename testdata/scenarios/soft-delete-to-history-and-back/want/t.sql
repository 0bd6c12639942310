SELECT id, v, _singular_deleted FROM t ORDER BY 1
