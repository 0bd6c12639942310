CREATE TABLE t (pk bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id bigint NOT NULL UNIQUE, v text, up text GENERATED ALWAYS AS (upper(v)) STORED, loaded text NOT NULL DEFAULT 'by default');
