SELECT id, title, body, n FROM t ORDER BY id
