CREATE TABLE upsert (id bigint NOT NULL, title text, body text CHECK (body <> 'BAD'), n bigint, d date);
CREATE TABLE soft_delete (id bigint NOT NULL, title text, body text CHECK (body <> 'BAD'), n bigint, d date);
CREATE TABLE history (id bigint NOT NULL, title text, body text CHECK (body <> 'BAD'), n bigint, d date);
CREATE TABLE replace (id bigint NOT NULL, title text, body text CHECK (body <> 'BAD'), n bigint, d date);
CREATE TABLE upsert_1 (id bigint NOT NULL, title text, body text CHECK (body <> 'BAD'), n bigint, d date);
CREATE TABLE soft_delete_1 (id bigint NOT NULL, title text, body text CHECK (body <> 'BAD'), n bigint, d date);
CREATE TABLE history_1 (id bigint NOT NULL, title text, body text CHECK (body <> 'BAD'), n bigint, d date);
CREATE TABLE replace_1 (id bigint NOT NULL, title text, body text CHECK (body <> 'BAD'), n bigint, d date);
