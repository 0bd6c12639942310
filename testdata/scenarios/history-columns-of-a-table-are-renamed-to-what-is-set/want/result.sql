SELECT id, email, since, valid_to, _singular_active FROM users ORDER BY id, since
