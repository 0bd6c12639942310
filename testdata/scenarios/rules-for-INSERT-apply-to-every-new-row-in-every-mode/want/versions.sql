SELECT id, v, _singular_active FROM history ORDER BY id, v
