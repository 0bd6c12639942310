CREATE TABLE t (id bigint PRIMARY KEY, "größe" text);
