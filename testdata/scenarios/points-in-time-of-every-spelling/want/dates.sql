SELECT id, said, v FROM dates ORDER BY id
