SELECT id, v, no FROM t ORDER BY no, id
