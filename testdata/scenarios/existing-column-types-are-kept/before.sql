CREATE TABLE t (id integer PRIMARY KEY, net inet, n smallint, vc varchar(5), arr text[], r real);
