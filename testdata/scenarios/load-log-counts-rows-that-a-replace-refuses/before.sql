CREATE TABLE users (id bigint, v text CHECK (v <> 'long'));
