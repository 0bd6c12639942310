SELECT id, v, _singular_active FROM closed ORDER BY id, _singular_start
