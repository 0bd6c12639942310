CREATE TABLE child (t_id bigint REFERENCES t (id));
INSERT INTO child VALUES (1);
