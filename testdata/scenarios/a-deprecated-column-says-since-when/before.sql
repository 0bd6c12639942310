CREATE TABLE t (id bigint PRIMARY KEY, v text, w text NOT NULL, own text DEFAULT 'mine');
COMMENT ON COLUMN t.w IS 'Width of it';
INSERT INTO t VALUES (1, 'a', 'wide');
