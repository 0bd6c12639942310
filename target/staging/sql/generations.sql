-- The tables of a schema whose comment begins with this, and the comments.
SELECT c.relname, d.description
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_description AS d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
WHERE n.nspname = $1 AND pg_catalog.left(d.description, pg_catalog.length($2)) = $2 AND c.relkind = 'r'
ORDER BY c.oid
