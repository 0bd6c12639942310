CREATE TABLE t (id bigint PRIMARY KEY, v text, x text);
CREATE VIEW read_by_others AS SELECT * FROM t;
