SELECT 'upsert' AS mode, id, v, false AS gone FROM upsert UNION ALL SELECT 'soft', id, v, _singular_deleted FROM soft ORDER BY mode, id
