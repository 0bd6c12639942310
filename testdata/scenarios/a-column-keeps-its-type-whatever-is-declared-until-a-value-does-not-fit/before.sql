CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE t (id bigint PRIMARY KEY, raw bytea, n integer, yes boolean, day date, m mood, x xml, w money, s tsvector, ips cidr[]);
INSERT INTO t VALUES (1, '\x00ff', 7, true, '2020-01-01', 'sad', '<a/>', 1, 'a', '{10.0.0.0/8}');
