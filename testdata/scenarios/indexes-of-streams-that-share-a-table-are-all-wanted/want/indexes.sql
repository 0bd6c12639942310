SELECT c.relname AS table, regexp_replace(pg_get_indexdef(i.indexrelid), ' ON (ONLY )?[^ ]+ USING', ' USING') AS index, i.indisvalid AS valid
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indrelid
WHERE c.relnamespace = '{{schema}}'::regnamespace
ORDER BY 1, 2
