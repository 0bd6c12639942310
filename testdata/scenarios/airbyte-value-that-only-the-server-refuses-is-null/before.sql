CREATE TYPE mood AS ENUM ('happy', 'sad');
CREATE TABLE t (id bigint PRIMARY KEY, name text, mood mood, say text);