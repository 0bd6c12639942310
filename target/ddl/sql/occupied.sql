-- What has the name that a table should get, where that is no table.
SELECT CASE c.relkind
    WHEN 'S' THEN 'a sequence' WHEN 'i' THEN 'an index' WHEN 'I' THEN 'an index' WHEN 'c' THEN 'a composite type' ELSE 'a relation'
END
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind NOT IN ('r', 'p', 'f', 'v', 'm')
UNION ALL
SELECT CASE t.typtype WHEN 'd' THEN 'a domain' WHEN 'e' THEN 'an enum type' WHEN 'r' THEN 'a range type' ELSE 'a type' END
FROM pg_catalog.pg_type AS t
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
WHERE n.nspname = $1 AND t.typname = $2 AND t.typrelid = 0
