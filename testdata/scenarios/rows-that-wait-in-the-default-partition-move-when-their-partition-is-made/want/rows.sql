SELECT tableoid::regclass::text AS part, id, at, v, more FROM events ORDER BY id
