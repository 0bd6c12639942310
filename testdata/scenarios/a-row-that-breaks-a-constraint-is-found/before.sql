CREATE TABLE t (id bigint PRIMARY KEY, n bigint CHECK (n <> 13));
