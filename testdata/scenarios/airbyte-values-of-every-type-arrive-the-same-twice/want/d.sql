SELECT _airbyte_extracted_at, _airbyte_meta, _airbyte_generation_id, id, n, s, day, at, local, o_clock, zoned, o, a, u, sure FROM d ORDER BY id
