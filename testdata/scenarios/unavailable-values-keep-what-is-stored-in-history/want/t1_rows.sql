SELECT id, title, body, doc, n, tags, data, _singular_start, _singular_end, _singular_active FROM t1 ORDER BY id, _singular_start
