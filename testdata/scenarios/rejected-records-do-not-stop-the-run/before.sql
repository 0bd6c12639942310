CREATE TYPE mood AS ENUM ('ok', 'sad');
CREATE TABLE a (id bigint PRIMARY KEY, mood mood);
