SELECT tableoid::regclass::text AS part, id, at, v FROM events ORDER BY id
