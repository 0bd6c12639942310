CREATE TABLE t (id bigint PRIMARY KEY, v text, _singular_deleted boolean NOT NULL DEFAULT false);
INSERT INTO t VALUES (1, 'a', false), (2, 'b', true), (4, 'd', false);
