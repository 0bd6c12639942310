SELECT id, v FROM sales ORDER BY id
