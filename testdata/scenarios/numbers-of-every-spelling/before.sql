CREATE TABLE doubles (id bigint PRIMARY KEY, said text, v double precision);
