CREATE TABLE taken_over (id bigint PRIMARY KEY, net_kg text);
