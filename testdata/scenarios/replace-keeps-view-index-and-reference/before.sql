CREATE TABLE t (id bigint PRIMARY KEY, v text);
CREATE VIEW seen_through AS SELECT id, v FROM t;
CREATE INDEX t_v ON t (v);
CREATE TABLE child (t_id bigint REFERENCES t (id));
INSERT INTO t VALUES (1, 'old'), (2, 'gone');
INSERT INTO child VALUES (1);
