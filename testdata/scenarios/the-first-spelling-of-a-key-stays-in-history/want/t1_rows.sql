SELECT n, i, c, v, _singular_start, _singular_end FROM t1 ORDER BY n, v
