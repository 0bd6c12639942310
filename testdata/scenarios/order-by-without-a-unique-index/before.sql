CREATE TABLE t (id bigint, v text, at bigint);
INSERT INTO t VALUES (1, 'a', 15), (1, 'a2', 12), (2, 'b', 2);
