SELECT 'upsert' AS mode, tableoid::regclass::text AS part, id, _airbyte_meta -> 'changes' AS changes FROM "upsert"
UNION ALL SELECT 'history' AS mode, tableoid::regclass::text AS part, id, _airbyte_meta -> 'changes' AS changes FROM "history"
UNION ALL SELECT 'soft' AS mode, tableoid::regclass::text AS part, id, _airbyte_meta -> 'changes' AS changes FROM "soft"
UNION ALL SELECT 'whole' AS mode, tableoid::regclass::text AS part, id, _airbyte_meta -> 'changes' AS changes FROM "whole"
UNION ALL SELECT 'append' AS mode, tableoid::regclass::text AS part, id, _airbyte_meta -> 'changes' AS changes FROM "append"
ORDER BY 1, 3
