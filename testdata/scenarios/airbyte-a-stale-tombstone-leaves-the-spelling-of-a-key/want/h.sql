SELECT id, v, cur, _singular_active FROM h ORDER BY id, _singular_start
