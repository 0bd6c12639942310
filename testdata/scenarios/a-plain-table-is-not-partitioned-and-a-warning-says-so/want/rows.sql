SELECT tableoid::regclass::text AS part, id, v FROM plain UNION ALL SELECT tableoid::regclass::text, id, v FROM listed ORDER BY part
