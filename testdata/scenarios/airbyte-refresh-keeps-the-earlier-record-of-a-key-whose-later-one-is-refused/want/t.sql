SELECT id, k, c, _airbyte_meta FROM t ORDER BY id
