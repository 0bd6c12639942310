SELECT n, i, c, v FROM t ORDER BY n, v
