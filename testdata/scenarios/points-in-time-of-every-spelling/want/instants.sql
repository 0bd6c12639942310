SELECT id, said, v FROM instants ORDER BY id
