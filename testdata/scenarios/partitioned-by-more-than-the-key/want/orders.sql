SELECT id, country, v FROM orders ORDER BY 1
