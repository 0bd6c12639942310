SELECT t.id, t.xmin::text = b.x AND t.ctid::text = b.c AS as_it_was FROM t JOIN before b USING (id) ORDER BY id
