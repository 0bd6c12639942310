CREATE TABLE t (id bigint PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'a'), (2, 'b'), (5, 'e');
