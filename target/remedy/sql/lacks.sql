-- What the current role lacks first of what a load needs, as a kind of denial. No row: nothing that can be told.
SELECT lacks.kind
FROM (SELECT (SELECT oid FROM pg_namespace WHERE nspname = $1) AS schema) AS s
CROSS JOIN LATERAL (
    SELECT (SELECT oid FROM pg_class WHERE relnamespace = s.schema AND relname = $2) AS oid
) AS t
CROSS JOIN LATERAL (VALUES
    (1, 'schema', s.schema IS NOT NULL AND NOT has_schema_privilege(s.schema, 'USAGE')),
    (2, 'schema', s.schema IS NOT NULL AND t.oid IS NULL AND NOT has_schema_privilege(s.schema, 'CREATE')),
    (3, 'table', t.oid IS NOT NULL AND NOT (has_table_privilege(t.oid, 'SELECT') AND has_table_privilege(t.oid, 'INSERT')
        AND has_table_privilege(t.oid, 'UPDATE') AND has_table_privilege(t.oid, 'DELETE'))),
    (4, 'owner', t.oid IS NOT NULL AND NOT pg_has_role((SELECT relowner FROM pg_class WHERE oid = t.oid), 'USAGE'))
) AS lacks (place, kind, missing)
WHERE lacks.missing
ORDER BY lacks.place
LIMIT 1
