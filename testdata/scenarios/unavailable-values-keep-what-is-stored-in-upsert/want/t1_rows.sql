SELECT id, title, body, doc, n, tags, data FROM t1 ORDER BY id
