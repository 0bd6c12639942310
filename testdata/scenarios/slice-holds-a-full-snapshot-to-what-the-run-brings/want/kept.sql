SELECT id, "Account", day, n, _singular_active FROM versions ORDER BY id, _singular_start
