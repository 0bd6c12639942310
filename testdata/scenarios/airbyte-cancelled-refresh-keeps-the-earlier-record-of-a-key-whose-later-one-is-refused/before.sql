CREATE TABLE t (_airbyte_raw_id text, _airbyte_extracted_at timestamptz, _airbyte_meta jsonb, _airbyte_generation_id bigint, id bigint, k text CHECK (k IS NOT NULL AND k <> 'bad'), c bigint, n text);
INSERT INTO t VALUES ('x', now(), '{}', 1, 9, 'old', 9);
