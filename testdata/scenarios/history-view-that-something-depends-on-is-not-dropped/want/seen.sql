SELECT * FROM users_current ORDER BY id
