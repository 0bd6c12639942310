SELECT v, _singular_id FROM t ORDER BY v, _singular_id
