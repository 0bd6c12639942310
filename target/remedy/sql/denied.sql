-- The object that a privilege was missing on, its owner, and the role that lacked it: an object of that name on which the role lacks
-- something, the one in the stream's own schema before others.
WITH found AS (
    SELECT n.nspname AS schema, c.relname AS name, c.relowner AS owner,
        n.nspname <> $3 AS elsewhere,
        CASE
            WHEN $1 IN ('owner', 'policy') THEN pg_has_role(c.relowner, 'USAGE')
            WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'USAGE') AND has_sequence_privilege(c.oid, 'SELECT')
            ELSE has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE')
                AND has_table_privilege(c.oid, 'DELETE') AND has_table_privilege(c.oid, 'TRUNCATE')
        END AS unlikely
    FROM pg_class AS named
    LEFT JOIN pg_index AS i ON i.indexrelid = named.oid
    JOIN pg_class AS c ON c.oid = coalesce(i.indrelid, named.oid)
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE $1 IN ('table', 'column', 'sequence', 'owner', 'policy') AND named.relname = $2 AND c.relpersistence <> 't'
        AND c.relkind::text = ANY (CASE WHEN $1 = 'sequence' THEN '{S}' ELSE '{r,p,v,m,f,S}' END::text[])
    UNION ALL
    SELECT NULL, p.oid::regprocedure::text, p.proowner, n.nspname <> $3, has_function_privilege(p.oid, 'EXECUTE')
    FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE $1 = 'function' AND p.proname = $2
    UNION ALL
    SELECT n.nspname, t.typname, t.typowner, n.nspname <> $3, has_type_privilege(t.oid, 'USAGE')
    FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace
    WHERE $1 = 'type' AND t.typname = $2
    UNION ALL
    SELECT NULL, $2, NULL, false, false
    WHERE $1 IN ('schema', 'language', 'foreign server', 'tablespace', 'temporary', 'database', 'role')
)
SELECT schema, name, (SELECT rolname FROM pg_roles WHERE oid = found.owner), CASE WHEN $1 = 'role' THEN session_user ELSE current_user END
FROM found
ORDER BY unlikely, elsewhere, schema, name
LIMIT 1
