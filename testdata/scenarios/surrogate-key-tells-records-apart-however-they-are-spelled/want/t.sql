SELECT v, n, o, _singular_id FROM t ORDER BY v, n
