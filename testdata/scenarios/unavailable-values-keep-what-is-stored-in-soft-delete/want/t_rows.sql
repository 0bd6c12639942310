SELECT id, title, body, doc, n, tags, data, _singular_deleted FROM t ORDER BY id
