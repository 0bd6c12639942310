CREATE TABLE t (id bigint, v text);
INSERT INTO t VALUES (1, 'a'), (1, 'a2'), (NULL, 'n'), (2, 'b');
