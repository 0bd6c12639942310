SELECT id, n, v FROM not_in_the_stream ORDER BY id
