SELECT id, said, v FROM times ORDER BY id
