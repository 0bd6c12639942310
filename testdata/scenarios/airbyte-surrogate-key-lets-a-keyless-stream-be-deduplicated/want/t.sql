SELECT v, n, _singular_id FROM t ORDER BY v
