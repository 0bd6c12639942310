SELECT id, v, _singular_deleted FROM other ORDER BY id
