SELECT * FROM users ORDER BY id, valid_from
