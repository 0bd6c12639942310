SELECT id, email, _singular_start, _singular_end, _singular_active FROM users ORDER BY id, _singular_start
