CREATE TABLE t (id bigint PRIMARY KEY, note text DEFAULT 'by hand', v text);
INSERT INTO t (id, v) VALUES (1, 'old'), (9, 'gone');
GRANT SELECT ON t TO PUBLIC;
