-- The statements that give the new table the privileges and comments of the old one, drop that, and give it the stream's name and
-- the names of the old constraints, and of the old indexes that it has.
WITH pair AS (
    SELECT old.oid AS old, new.oid AS new,
        pg_catalog.format('%I.%I', $1, $3) AS old_name,
        pg_catalog.format('%I.%I', $1, $2) AS new_name,
        pg_catalog.format('%I.%I', $1, $4) AS name
    FROM pg_catalog.pg_namespace AS n
    JOIN pg_catalog.pg_class AS old ON old.relnamespace = n.oid AND old.relname = $3
    JOIN pg_catalog.pg_class AS new ON new.relnamespace = n.oid AND new.relname = $2
    WHERE n.nspname = $1
),
privilege AS (
    SELECT c.oid, a.privilege_type, a.is_grantable,
        CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END AS grantee
    FROM pair
    JOIN pg_catalog.pg_class AS c ON c.oid IN (pair.old, pair.new)
    CROSS JOIN LATERAL pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))) AS a
)
SELECT statement
FROM (
    SELECT 1 AS step, '' AS what,
        pg_catalog.format('REVOKE %s ON %s FROM %s', p.privilege_type, pair.new_name, p.grantee) AS statement
    FROM pair
    JOIN privilege AS p ON p.oid = pair.new
    WHERE NOT EXISTS (
        SELECT FROM privilege AS o
        WHERE o.oid = pair.old
          AND (o.grantee, o.privilege_type, o.is_grantable) = (p.grantee, p.privilege_type, p.is_grantable)
      )

    UNION ALL
    SELECT 2, '',
        pg_catalog.format('GRANT %s ON %s TO %s', p.privilege_type, pair.new_name, p.grantee)
            || CASE WHEN p.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
    FROM pair
    JOIN privilege AS p ON p.oid = pair.old
    WHERE NOT EXISTS (
        SELECT FROM privilege AS n
        WHERE n.oid = pair.new
          AND (n.grantee, n.privilege_type, n.is_grantable) = (p.grantee, p.privilege_type, p.is_grantable)
      )

    UNION ALL
    SELECT 3, '',
        pg_catalog.format('COMMENT ON TABLE %s IS %L', pair.new_name, pg_catalog.obj_description(pair.old, 'pg_class'))
    FROM pair

    UNION ALL
    SELECT 4, a.attname::pg_catalog.text,
        pg_catalog.format('COMMENT ON COLUMN %s.%I IS %L', pair.new_name, a.attname, pg_catalog.col_description(pair.old, o.attnum))
    FROM pair
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = pair.new AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_catalog.pg_attribute AS o ON o.attrelid = pair.old AND o.attname = a.attname
    WHERE pg_catalog.col_description(pair.old, o.attnum) IS DISTINCT FROM pg_catalog.col_description(pair.new, a.attnum)

    UNION ALL
    SELECT 5, '', pg_catalog.format('DROP TABLE %s', pair.old_name)
    FROM pair

    UNION ALL
    SELECT 6, '', pg_catalog.format('ALTER TABLE %s RENAME TO %I', pair.new_name, $4)
    FROM pair

    UNION ALL
    SELECT 7, n.conname::pg_catalog.text,
        pg_catalog.format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', pair.name, n.conname, o.conname)
    FROM pair
    JOIN pg_catalog.pg_constraint AS o ON o.conrelid = pair.old
    JOIN pg_catalog.pg_constraint AS n ON n.conrelid = pair.new
        AND pg_catalog.pg_get_constraintdef(n.oid) = pg_catalog.pg_get_constraintdef(o.oid)
    WHERE o.conname <> n.conname

    UNION ALL
    SELECT 8, o.conname::pg_catalog.text,
        pg_catalog.format('COMMENT ON CONSTRAINT %I ON %s IS %L', o.conname, pair.name, d.description)
    FROM pair
    JOIN pg_catalog.pg_constraint AS o ON o.conrelid = pair.old
    JOIN pg_catalog.pg_description AS d ON d.objoid = o.oid AND d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass

    UNION ALL
    SELECT 9, oc.relname::pg_catalog.text,
        pg_catalog.format('ALTER INDEX %I.%I RENAME TO %I', $1, nc.relname, oc.relname)
    FROM pair
    JOIN pg_catalog.pg_index AS o ON o.indrelid = pair.old
    JOIN pg_catalog.pg_class AS oc ON oc.oid = o.indexrelid
    JOIN pg_catalog.pg_index AS n ON n.indrelid = pair.new
    JOIN pg_catalog.pg_class AS nc ON nc.oid = n.indexrelid AND nc.relname = '_singular_index_' || o.indexrelid
) AS steps
ORDER BY step, what
