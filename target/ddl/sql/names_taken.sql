-- Those of some names, in JSON, that a table of a schema cannot have: another table, index, sequence or type has it.
SELECT wanted.name
FROM pg_catalog.json_array_elements_text($2::pg_catalog.json) AS wanted (name)
JOIN pg_catalog.pg_namespace AS n ON n.nspname = $1
WHERE EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.relnamespace = n.oid AND c.relname = wanted.name)
    OR EXISTS (SELECT FROM pg_catalog.pg_type AS t WHERE t.typnamespace = n.oid AND t.typname = wanted.name)
