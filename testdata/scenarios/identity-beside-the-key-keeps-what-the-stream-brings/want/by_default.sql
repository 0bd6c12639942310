SELECT id, n, v FROM by_default ORDER BY id
