SELECT 'history' AS stream, id, title, body, n, _airbyte_meta -> 'changes' AS changes, _singular_active AS active FROM history
UNION ALL SELECT 'history_1' AS stream, id, title, body, n, _airbyte_meta -> 'changes' AS changes, _singular_active AS active FROM history_1
UNION ALL SELECT 'late' AS stream, id, title, body, n, _airbyte_meta -> 'changes' AS changes, _singular_active AS active FROM late
UNION ALL SELECT 'late_1' AS stream, id, title, body, n, _airbyte_meta -> 'changes' AS changes, _singular_active AS active FROM late_1
UNION ALL SELECT 'dedup' AS stream, id, title, body, n, _airbyte_meta -> 'changes' AS changes, true AS active FROM dedup
UNION ALL SELECT 'dedup_1' AS stream, id, title, body, n, _airbyte_meta -> 'changes' AS changes, true AS active FROM dedup_1
UNION ALL SELECT 'plain' AS stream, id, title, body, n, _airbyte_meta -> 'changes' AS changes, true AS active FROM plain
UNION ALL SELECT 'plain_1' AS stream, id, title, body, n, _airbyte_meta -> 'changes' AS changes, true AS active FROM plain_1
UNION ALL SELECT 'soft' AS stream, id, title, body, n, _airbyte_meta -> 'changes' AS changes, NOT _singular_deleted AS active FROM soft
UNION ALL SELECT 'soft_1' AS stream, id, title, body, n, _airbyte_meta -> 'changes' AS changes, NOT _singular_deleted AS active FROM soft_1
ORDER BY 1, 2, 3, 4
