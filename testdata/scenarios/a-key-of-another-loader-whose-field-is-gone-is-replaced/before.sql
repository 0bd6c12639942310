CREATE TABLE t (old bigint PRIMARY KEY, a bigint, b bigint, v text);
INSERT INTO t VALUES (7, 1, 0, 'one');
