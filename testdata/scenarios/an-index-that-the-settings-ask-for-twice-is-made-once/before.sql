CREATE TABLE there (id bigint PRIMARY KEY, v text);
