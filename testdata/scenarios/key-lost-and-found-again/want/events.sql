SELECT id, v FROM events ORDER BY 1, 2
