CREATE TABLE log (id bigint, n bigint);
CREATE TABLE stock (id bigint PRIMARY KEY, n integer);
INSERT INTO stock VALUES (1, 1), (7, 7);
CREATE RULE changes AS ON UPDATE TO stock DO ALSO INSERT INTO log VALUES (new.id, new.n);
