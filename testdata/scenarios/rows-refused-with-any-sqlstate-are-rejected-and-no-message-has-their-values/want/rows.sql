SELECT id, code FROM guarded ORDER BY id
