SELECT id, v, at, other FROM t ORDER BY id
