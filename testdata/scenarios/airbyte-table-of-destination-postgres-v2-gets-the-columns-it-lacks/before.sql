CREATE TABLE t ("_airbyte_raw_id" varchar NOT NULL, "_airbyte_extracted_at" timestamptz NOT NULL, "id" bigint);
INSERT INTO t VALUES ('3d8a1c84-6a30-4c5e-9f3e-0c2f6d0b1a11', '2026-01-01Z', 1);