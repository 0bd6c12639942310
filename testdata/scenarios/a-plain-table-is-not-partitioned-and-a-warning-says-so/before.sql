CREATE TABLE plain (id bigint PRIMARY KEY, at timestamptz, v text);
CREATE TABLE listed (id bigint, at timestamptz, v text, PRIMARY KEY (id, v)) PARTITION BY LIST (v);
CREATE TABLE listed_a PARTITION OF listed FOR VALUES IN ('a');
