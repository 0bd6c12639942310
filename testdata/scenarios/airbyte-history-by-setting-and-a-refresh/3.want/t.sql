SELECT id, name, _singular_start, _singular_end, _singular_active, _airbyte_generation_id FROM t ORDER BY id, name
