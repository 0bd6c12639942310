CREATE TABLE h (_airbyte_raw_id text, _airbyte_extracted_at timestamptz, _airbyte_meta jsonb, _airbyte_generation_id bigint, id interval);
CREATE TABLE u (LIKE h);
