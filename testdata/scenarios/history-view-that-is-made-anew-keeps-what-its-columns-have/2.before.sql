GRANT SELECT (id, points, _singular_active), UPDATE (email) ON users_current TO pg_read_all_stats WITH GRANT OPTION;
GRANT SELECT (id) ON users_current TO PUBLIC;
COMMENT ON COLUMN users_current.points IS 'it''s earned';
COMMENT ON COLUMN users_current._singular_active IS 'always true';
ALTER VIEW users_current ALTER COLUMN email SET DEFAULT 'nobody@example.org';
ALTER VIEW users_current OWNER TO pg_monitor;
GRANT USAGE, CREATE ON SCHEMA "{{schema}}" TO pg_monitor;
GRANT SELECT ON users TO pg_monitor;
