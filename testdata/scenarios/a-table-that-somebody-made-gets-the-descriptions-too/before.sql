CREATE TABLE t (id bigint PRIMARY KEY, a bigint);
CREATE TABLE u (id bigint PRIMARY KEY);
COMMENT ON TABLE u IS 'mine';
