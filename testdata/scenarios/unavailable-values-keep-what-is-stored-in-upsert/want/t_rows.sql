SELECT id, title, body, doc, n, tags, data FROM t ORDER BY id
