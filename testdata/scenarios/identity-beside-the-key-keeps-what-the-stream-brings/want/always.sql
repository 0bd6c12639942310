SELECT id, n, v FROM always ORDER BY id
