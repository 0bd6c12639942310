SELECT id, title, body, doc, n, tags, data, _singular_deleted FROM t1 ORDER BY id
