SELECT id, title, body, n, _singular_deleted FROM t ORDER BY id
