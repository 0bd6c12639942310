CREATE TABLE sales (id bigint, "Account" text, day date NOT NULL, n bigint) PARTITION BY RANGE (day);
CREATE TABLE january PARTITION OF sales FOR VALUES FROM ('2023-01-01') TO ('2023-02-01');
CREATE TABLE february PARTITION OF sales FOR VALUES FROM ('2023-02-01') TO ('2023-03-01');
CREATE TABLE march PARTITION OF sales FOR VALUES FROM ('2023-03-01') TO ('2023-04-01') PARTITION BY LIST (day);
CREATE TABLE first_of_march PARTITION OF march FOR VALUES IN ('2023-03-01');
CREATE TABLE rest_of_march PARTITION OF march DEFAULT;
INSERT INTO sales VALUES (1, 'a', '2023-01-15', 1), (2, 'a', '2023-01-31', 1), (3, 'a', '2023-02-02', 1), (4, 'a', '2023-02-28', 1), (5, 'a', '2023-03-01', 1), (6, 'a', '2023-03-02', 1);
CREATE TABLE files AS SELECT relname, relfilenode FROM pg_class WHERE relnamespace = '{{schema}}'::regnamespace AND relkind = 'r';
