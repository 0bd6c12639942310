SELECT id, k, c FROM t ORDER BY id
