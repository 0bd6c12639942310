SELECT id, title, body, doc, lsn, _airbyte_meta -> 'changes' AS changes, _singular_deleted FROM t2 ORDER BY id, lsn
