CREATE TABLE everything (id bigint PRIMARY KEY, v text) PARTITION BY RANGE (id);
CREATE TABLE low PARTITION OF everything FOR VALUES FROM (1) TO (100);
INSERT INTO low VALUES (7, 'an older row');
