CREATE TABLE rooms (id bigint, name text, EXCLUDE USING btree (id WITH =));
