SELECT tableoid::regclass::text AS part, id FROM events
