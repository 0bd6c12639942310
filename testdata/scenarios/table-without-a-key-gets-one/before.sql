CREATE TABLE t (id bigint, v text);
INSERT INTO t VALUES (1, 'a');
