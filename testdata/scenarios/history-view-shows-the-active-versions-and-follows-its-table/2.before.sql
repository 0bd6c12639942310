GRANT SELECT ON users_current TO pg_monitor WITH GRANT OPTION;
GRANT SELECT ON users_current TO PUBLIC;
ALTER VIEW users_current SET (security_barrier = true);
CREATE VIEW report AS SELECT id, email FROM users_current;
