SELECT n, i, c, v FROM t1 ORDER BY n, v
