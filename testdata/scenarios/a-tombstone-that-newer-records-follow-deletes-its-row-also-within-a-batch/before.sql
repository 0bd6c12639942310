CREATE TABLE t (k numeric PRIMARY KEY, v text, o bigint, mine text DEFAULT 'of the server');
INSERT INTO t VALUES (1, 'old', 3, 'mine'), (2, 'old', 3, 'mine'), (3, 'old', 3, 'mine');
