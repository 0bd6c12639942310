SELECT id, day, _singular_active FROM v ORDER BY id
