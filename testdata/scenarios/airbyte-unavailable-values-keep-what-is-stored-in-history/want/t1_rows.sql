SELECT id, title, body, doc, lsn, _airbyte_meta -> 'changes' AS changes, _singular_active FROM t1 ORDER BY id, lsn
