SELECT id, title, body, doc, n, tags, data FROM t2 ORDER BY id
