SELECT id, n, v FROM t ORDER BY id
