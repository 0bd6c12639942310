SELECT id, v FROM other ORDER BY id
