SELECT to_jsonb(t) - '{_airbyte_raw_id,_airbyte_extracted_at,_airbyte_meta,_airbyte_generation_id}'::text[] AS row FROM t ORDER BY 1
