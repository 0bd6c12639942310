CREATE TABLE sales (id bigint PRIMARY KEY, "Account" text, n bigint UNIQUE);
INSERT INTO sales VALUES (1, 'a', 1), (2, 'a', 2), (3, 'b', 3);
