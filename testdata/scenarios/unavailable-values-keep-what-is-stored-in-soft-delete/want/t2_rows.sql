SELECT id, title, body, doc, n, tags, data, _singular_deleted FROM t2 ORDER BY id
