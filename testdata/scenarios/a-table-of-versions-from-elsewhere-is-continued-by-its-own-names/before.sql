CREATE TABLE users (id bigint NOT NULL, email text, valid_from timestamptz NOT NULL, valid_to timestamptz, is_current boolean NOT NULL);
INSERT INTO users VALUES (1, 'a', '2023-01-01Z', '2023-02-01Z', false), (1, 'aa', '2023-02-01Z', '9999-12-31Z', true), (2, 'b', '2023-02-01Z', NULL, true);
CREATE UNIQUE INDEX one_email ON users (email) WHERE is_current;
