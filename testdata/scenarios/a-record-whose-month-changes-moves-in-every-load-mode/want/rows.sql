SELECT * FROM (
SELECT 'append' AS mode, tableoid::regclass::text AS part, id, v, true AS current FROM append
UNION ALL SELECT 'upsert' AS mode, tableoid::regclass::text AS part, id, v, true AS current FROM upsert
UNION ALL SELECT 'soft_delete' AS mode, tableoid::regclass::text AS part, id, v, true AS current FROM soft_delete
UNION ALL SELECT 'history' AS mode, tableoid::regclass::text AS part, id, v, _singular_active AS current FROM history
UNION ALL SELECT 'replace' AS mode, tableoid::regclass::text AS part, id, v, true AS current FROM replace
) AS r ORDER BY mode, id, v, part
