SELECT id, title, body, n, _singular_deleted FROM nulls ORDER BY id
