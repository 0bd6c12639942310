CREATE TABLE base (id bigint, v text);
CREATE VIEW b AS SELECT id, v FROM base;
