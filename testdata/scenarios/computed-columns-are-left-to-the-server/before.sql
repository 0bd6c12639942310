CREATE TABLE t (id int PRIMARY KEY, net numeric, gross numeric GENERATED ALWAYS AS (net * 1.19) STORED);
CREATE TABLE keyed (net numeric, gross numeric GENERATED ALWAYS AS (net * 1.19) STORED UNIQUE);
