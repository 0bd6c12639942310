SELECT * FROM current_users ORDER BY id
