SELECT id, name, _singular_start, _singular_end > now() - interval '1 hour' AS closed_now, _singular_active, _airbyte_generation_id FROM t ORDER BY id, name
