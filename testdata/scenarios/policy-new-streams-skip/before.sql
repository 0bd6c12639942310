CREATE TABLE known (id bigint PRIMARY KEY, v text);
