SELECT id, title, body, n, _singular_start, _singular_end, _singular_active FROM t ORDER BY id, _singular_start
