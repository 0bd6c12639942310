CREATE TABLE t (id bigint PRIMARY KEY, day date);
