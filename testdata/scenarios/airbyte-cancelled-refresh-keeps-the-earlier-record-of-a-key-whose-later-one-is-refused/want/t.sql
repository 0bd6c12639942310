SELECT id, k, c, n FROM t ORDER BY id
