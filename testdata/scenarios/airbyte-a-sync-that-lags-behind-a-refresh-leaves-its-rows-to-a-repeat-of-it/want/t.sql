SELECT id, v, _airbyte_generation_id FROM t ORDER BY 1
