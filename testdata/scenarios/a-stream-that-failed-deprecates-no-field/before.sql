CREATE TABLE b (id bigint PRIMARY KEY CHECK (id < 100), v text, w text);
