CREATE TABLE a (id bigint PRIMARY KEY, v text);
CREATE TABLE b (id bigint PRIMARY KEY, v text);
CREATE TABLE child (b_id bigint REFERENCES b (id));
INSERT INTO a VALUES (9, 'old');
INSERT INTO b VALUES (9, 'old');
INSERT INTO child VALUES (9);
