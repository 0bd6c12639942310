CREATE TABLE t (id bigint PRIMARY KEY, a smallint, b text);
INSERT INTO t VALUES (0, 7, 'seven');
