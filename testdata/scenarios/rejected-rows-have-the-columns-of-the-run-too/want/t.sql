SELECT id, n, took FROM t
