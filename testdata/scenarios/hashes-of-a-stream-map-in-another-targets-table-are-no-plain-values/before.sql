CREATE TABLE t (id bigint PRIMARY KEY, email text, phone text); INSERT INTO t VALUES (1, md5('ada@example.com'), '555-0100');
