SELECT id, said, v FROM t ORDER BY id
