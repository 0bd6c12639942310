CREATE TABLE samples (id bigint PRIMARY KEY, f double precision);
