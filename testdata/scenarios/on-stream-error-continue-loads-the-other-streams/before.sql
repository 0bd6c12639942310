CREATE TABLE base (id bigint, v text);
CREATE VIEW b AS SELECT id, v FROM base;
CREATE TABLE c (id bigint PRIMARY KEY, v text CHECK (v <> 'bad'));
