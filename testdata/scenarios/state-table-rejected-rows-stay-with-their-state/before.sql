CREATE TABLE visits (page bigint CHECK (page < 100)); CREATE TABLE users (id bigint PRIMARY KEY, age bigint CHECK (age > 0));
GRANT ALL ON ALL TABLES IN SCHEMA {{schema}} TO PUBLIC;
