SELECT id, v, at FROM t ORDER BY id
