SELECT id, title, body, n FROM nulls ORDER BY id
