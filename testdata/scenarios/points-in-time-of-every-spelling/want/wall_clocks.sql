SELECT id, said, v FROM wall_clocks ORDER BY id
