SELECT * FROM active_users
