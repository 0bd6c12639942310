SELECT 'upsert' AS mode, tableoid::regclass::text AS part, id FROM upsert UNION ALL SELECT 'history', tableoid::regclass::text, id FROM history ORDER BY mode, id
