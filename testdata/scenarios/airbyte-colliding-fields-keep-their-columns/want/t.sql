SELECT * FROM (SELECT id, to_jsonb(t) - ARRAY['id','_airbyte_raw_id','_airbyte_meta','_airbyte_extracted_at','_airbyte_generation_id'] AS fields FROM t) AS t ORDER BY id
