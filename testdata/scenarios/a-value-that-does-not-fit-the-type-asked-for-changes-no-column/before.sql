CREATE TABLE u (id bigint PRIMARY KEY, a text);
