CREATE TABLE before AS SELECT id, xmin::text AS x, ctid::text AS c FROM t;
