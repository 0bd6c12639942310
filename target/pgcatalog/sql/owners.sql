-- The tables of the database whose comments name their streams and that the role may load, unless the table $2 of the schema $1 is one
-- of them: then the others are not needed, and one row without a name says so.
WITH there AS (
    SELECT EXISTS (
        SELECT
        FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_description AS d ON d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0
        WHERE n.nspname = $1 AND c.relname = $2 AND d.description LIKE 'Stream %, loaded by target-postgres%'
    ) AS owned
)
SELECT n.nspname, c.relname, d.description
FROM pg_catalog.pg_description AS d
JOIN pg_catalog.pg_class AS c ON c.oid = d.objoid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE NOT (SELECT owned FROM there)
    AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0
    AND d.description LIKE 'Stream %, loaded by target-postgres%'
    AND c.relkind IN ('r', 'p', 'f')
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'INSERT')
UNION ALL
SELECT NULL, NULL, NULL FROM there WHERE owned
