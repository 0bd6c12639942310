-- The tables of a schema whose comment is this, as far as the role may drop them.
SELECT c.relname
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_description AS d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
WHERE n.nspname = $1 AND d.description = $2 AND c.relkind = 'r'
    AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
