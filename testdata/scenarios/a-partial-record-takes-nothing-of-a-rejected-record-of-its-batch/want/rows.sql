SELECT 'upsert' AS stream, id, title, body, n, d FROM upsert
UNION ALL SELECT 'upsert_1' AS stream, id, title, body, n, d FROM upsert_1
UNION ALL SELECT 'soft_delete' AS stream, id, title, body, n, d FROM soft_delete
UNION ALL SELECT 'soft_delete_1' AS stream, id, title, body, n, d FROM soft_delete_1
UNION ALL SELECT 'history' AS stream, id, title, body, n, d FROM history
UNION ALL SELECT 'history_1' AS stream, id, title, body, n, d FROM history_1
UNION ALL SELECT 'replace' AS stream, id, title, body, n, d FROM replace
UNION ALL SELECT 'replace_1' AS stream, id, title, body, n, d FROM replace_1
ORDER BY 1, 2, 3
