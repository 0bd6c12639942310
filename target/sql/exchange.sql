-- What tells table $2 of schema $1 from table $3 beside it, so that the latter cannot take its place without anybody noticing.
-- One row each; there is none where only the rows, the name and the comments differ, which the exchange hands over.
WITH pair AS (
    SELECT old.oid AS old, new.oid AS new, old.reltype AS type
    FROM pg_catalog.pg_namespace AS n
    JOIN pg_catalog.pg_class AS old ON old.relnamespace = n.oid AND old.relname = $2
    JOIN pg_catalog.pg_class AS new ON new.relnamespace = n.oid AND new.relname = $3
    WHERE n.nspname = $1
),
shape AS (
    -- Rows of the catalog as documents: its columns differ from version to version.
    SELECT c.oid,
        pg_catalog.to_jsonb(c) - '{oid,relname,reltype,relfilenode,relpages,reltuples,relallvisible,relallfrozen,reltoastrelid,relhasindex,relnatts,relchecks,relfrozenxid,relminmxid,relacl}'::pg_catalog.text[] AS options,
        (
            SELECT pg_catalog.jsonb_agg(
                pg_catalog.to_jsonb(a) - '{attrelid,attnum,attcacheoff,atthasmissing,attmissingval}'::pg_catalog.text[]
                || pg_catalog.jsonb_build_object('default', pg_catalog.pg_get_expr(d.adbin, d.adrelid))
                ORDER BY a.attnum
            )
            FROM pg_catalog.pg_attribute AS a
            LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        ) AS columns,
        (
            SELECT pg_catalog.jsonb_agg(pg_catalog.pg_get_constraintdef(k.oid) ORDER BY pg_catalog.pg_get_constraintdef(k.oid))
            FROM pg_catalog.pg_constraint AS k
            WHERE k.conrelid = c.oid
        ) AS constraints,
        (
            SELECT pg_catalog.count(*)
            FROM pg_catalog.pg_index AS i
            WHERE i.indrelid = c.oid
        ) AS indexes
    FROM pair
    JOIN pg_catalog.pg_class AS c ON c.oid IN (pair.old, pair.new)
)
SELECT difference.what
FROM pair
JOIN shape AS old ON old.oid = pair.old
JOIN shape AS new ON new.oid = pair.new
CROSS JOIN LATERAL (
    VALUES
        ('its owner or options', old.options IS DISTINCT FROM new.options),
        ('its columns', old.columns IS DISTINCT FROM new.columns),
        ('its constraints', old.constraints IS DISTINCT FROM new.constraints),
        ('its indexes', old.indexes <> new.indexes OR EXISTS (
            SELECT FROM pg_catalog.pg_index AS i
            JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
            WHERE i.indrelid = pair.old
              AND (i.indisclustered OR i.indisreplident OR c.reloptions IS NOT NULL OR c.reltablespace <> 0)
        ))
) AS difference (what, there)
WHERE difference.there

UNION ALL
-- Whatever refers to the table or to the type of its rows, beside what every table has. Most of it would forbid the DROP.
SELECT DISTINCT 'what depends on it (' || pg_catalog.pg_describe_object(d.classid, d.objid, 0) || ')'
FROM pair
JOIN pg_catalog.pg_depend AS d
    ON (d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = pair.old)
    OR (d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.refobjid IN (
        SELECT t.oid
        FROM pg_catalog.pg_type AS t
        WHERE t.oid = pair.type OR t.typelem = pair.type
    ))
WHERE d.classid <> 'pg_catalog.pg_attrdef'::pg_catalog.regclass
  AND NOT (d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.deptype = 'i')
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_class AS c
    LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid
    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
      AND c.oid = d.objid
      AND (c.oid = pair.old OR c.relkind = 't' OR i.indrelid = pair.old)
  )
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_constraint AS k
    WHERE d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
      AND k.oid = d.objid
      AND k.conrelid = pair.old
      AND k.contype IN ('p', 'u', 'n')
  )

UNION ALL
SELECT 'the tables that it inherits from'
FROM pair
WHERE EXISTS (SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = pair.old)

UNION ALL
-- A publication of the table itself depends on it, one of its schema on that (PostgreSQL 15).
SELECT 'its publications'
WHERE EXISTS (SELECT FROM pg_catalog.pg_publication AS p WHERE p.puballtables)
   OR EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d
    JOIN pg_catalog.pg_namespace AS n ON n.oid = d.refobjid
    WHERE d.classid = pg_catalog.to_regclass('pg_catalog.pg_publication_namespace')
      AND d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
      AND n.nspname = $1
  )

UNION ALL
SELECT 'the event trigger ' || pg_catalog.quote_ident(e.evtname) || ', which sees what is dropped'
FROM pg_catalog.pg_event_trigger AS e
WHERE e.evtevent = 'sql_drop' AND e.evtenabled <> 'D'

UNION ALL
SELECT 'its extension'
FROM pair
WHERE EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d
    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = pair.old AND d.deptype IN ('e', 'x')
  )

UNION ALL
SELECT 'its subscription'
FROM pair
WHERE EXISTS (SELECT FROM pg_catalog.pg_subscription_rel AS r WHERE r.srrelid = pair.old)

UNION ALL
SELECT 'its security label'
FROM pair
WHERE EXISTS (
    SELECT FROM pg_catalog.pg_seclabel AS l
    WHERE l.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND l.objoid = pair.old
  )

UNION ALL
SELECT 'the comments on its constraints or indexes'
FROM pair
WHERE EXISTS (
    SELECT FROM pg_catalog.pg_description AS d
    WHERE (d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
           AND d.objoid IN (SELECT k.oid FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = pair.old))
       OR (d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
           AND d.objoid IN (SELECT i.indexrelid FROM pg_catalog.pg_index AS i WHERE i.indrelid = pair.old))
  )

UNION ALL
-- Only its owner can hand a privilege on; what others granted would become the owner's grant.
SELECT 'who granted privileges on it'
FROM pair
JOIN pg_catalog.pg_class AS c ON c.oid = pair.old
WHERE EXISTS (SELECT FROM pg_catalog.aclexplode(c.relacl) AS a WHERE a.grantor <> c.relowner)
