SELECT id, v, _singular_active FROM other ORDER BY id
