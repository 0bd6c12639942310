SELECT tableoid::regclass::text AS part, id, v FROM upsert_t ORDER BY id
