SELECT id, name, _airbyte_meta -> 'changes' AS changes FROM t ORDER BY id
