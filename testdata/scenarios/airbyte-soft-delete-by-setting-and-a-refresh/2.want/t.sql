SELECT id, name, _singular_deleted, _airbyte_generation_id, _airbyte_extracted_at FROM t ORDER BY id, name
