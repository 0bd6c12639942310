CREATE VIEW current_users AS SELECT id, email FROM users WHERE _singular_active;
