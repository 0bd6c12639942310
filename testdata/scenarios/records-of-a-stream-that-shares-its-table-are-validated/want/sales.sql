SELECT id, age FROM sales ORDER BY id
