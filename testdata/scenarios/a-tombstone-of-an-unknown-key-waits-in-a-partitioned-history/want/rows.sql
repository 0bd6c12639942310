SELECT tableoid::regclass::text AS part, id, at, _singular_start, _singular_end FROM t ORDER BY id, _singular_start
