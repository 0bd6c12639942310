SELECT id, title, body, n FROM t1 ORDER BY id
