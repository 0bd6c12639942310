CREATE TABLE t (_airbyte_raw_id text NOT NULL, _airbyte_extracted_at timestamptz NOT NULL, _airbyte_meta jsonb NOT NULL, _airbyte_generation_id bigint, a bigint, b bigint, v text);
INSERT INTO t VALUES ('x', '2026-01-01Z', '{}', 1, 1, 0, 'one'), ('y', '2026-01-01Z', '{}', 1, 2, 0, 'two');
