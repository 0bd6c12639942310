SELECT id, title, body, doc, lsn, _airbyte_meta -> 'changes' AS changes FROM t1 ORDER BY id
