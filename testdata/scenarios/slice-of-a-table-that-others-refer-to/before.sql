CREATE TABLE sales (id bigint PRIMARY KEY, "Account" text, day date, n bigint UNIQUE);
INSERT INTO sales VALUES (1, 'a', '2023-01-01', 1), (2, 'a', '2023-01-01', 2), (3, 'a', '2023-01-02', 3), (4, NULL, NULL, 4), (5, NULL, '2023-01-01', 5), (6, 'a', NULL, 6);
CREATE TABLE refers (sale bigint REFERENCES sales); INSERT INTO refers VALUES (1), (3);
