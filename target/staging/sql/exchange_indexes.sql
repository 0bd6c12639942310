-- The statements that give the second table the indexes of the first that settings asked for, under names that say of which index each is.
SELECT pg_catalog.format('CREATE %sINDEX %I ON %s%s', kind.word, '_singular_index_' || i.indexrelid, $2,
    pg_catalog.substr(pg_catalog.pg_get_indexdef(i.indexrelid),
        1 + pg_catalog.length(pg_catalog.format('CREATE %sINDEX %I ON %s', kind.word, ic.relname, own.name))))
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_class AS c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name) AS own
CROSS JOIN LATERAL (SELECT CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END AS word) AS kind
WHERE i.indrelid = $1::pg_catalog.regclass AND i.indisvalid AND ic.relname ~ '_singular_[0-9a-f]{8}$'
ORDER BY i.indexrelid
