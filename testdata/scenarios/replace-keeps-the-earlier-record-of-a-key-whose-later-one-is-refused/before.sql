CREATE TABLE t (id bigint PRIMARY KEY, v text CHECK (v <> 'bad'), n bigint);
INSERT INTO t VALUES (9, 'old', 9);
CREATE VIEW read_by_others AS SELECT * FROM t;
