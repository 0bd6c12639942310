SELECT id, v FROM items
