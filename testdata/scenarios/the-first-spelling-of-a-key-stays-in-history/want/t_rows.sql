SELECT n, i, c, v, _singular_start, _singular_end FROM t ORDER BY n, v
