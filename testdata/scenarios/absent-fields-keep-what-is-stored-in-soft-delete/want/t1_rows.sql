SELECT id, title, body, n, _singular_deleted FROM t1 ORDER BY id
