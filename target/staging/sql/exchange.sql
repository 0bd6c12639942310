-- Why the second table cannot take the place of the first: one row for each thing about that which would be lost. The exchange hands over
-- rows, names, table privileges and the comments on table, columns and constraints. DROP TABLE says by itself whether anything depends on the table, such as a view.
-- Every lookup is by index and concerns the two tables alone: a database of many tables takes no longer.
WITH shape AS (
    SELECT c.oid,
        pg_catalog.jsonb_build_array(
            c.relowner, c.reltablespace, c.relam, c.relpersistence, c.reloftype, c.relrowsecurity, c.relforcerowsecurity, c.relreplident
        ) AS itself,
        -- Options whose names begin with pg_ are the server's own.
        (
            SELECT pg_catalog.jsonb_agg(o.setting ORDER BY o.setting)
            FROM pg_catalog.pg_class AS t
            CROSS JOIN LATERAL pg_catalog.unnest(t.reloptions) AS o (setting)
            WHERE t.oid IN (c.oid, c.reltoastrelid) AND o.setting !~ '^pg_'
        ) AS options,
        (
            -- Columns of the catalog that some versions lack are read as JSON.
            SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(
                a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attnotnull, a.attstorage, a.attidentity, a.attgenerated,
                pg_catalog.to_jsonb(a) ->> 'attcompression', pg_catalog.to_jsonb(a) ->> 'attstattarget',
                pg_catalog.pg_get_expr(d.adbin, d.adrelid),
                -- What a user can set of a column. PostgreSQL 15.20 keeps an option of its own beside these.
                (SELECT pg_catalog.jsonb_agg(o.setting ORDER BY o.setting)
                FROM pg_catalog.unnest(a.attoptions) AS o (setting)
                WHERE o.setting ~ '^(n_distinct|n_distinct_inherited)=')
            ) ORDER BY a.attnum)
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
            SELECT pg_catalog.jsonb_agg(index.itself ORDER BY index.itself)
            FROM (
                SELECT pg_catalog.jsonb_build_array(
                    i.indisunique, i.indisvalid, i.indisclustered, i.indisreplident, ic.reltablespace, ic.relam,
                    pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct',
                    i.indclass::pg_catalog.text, i.indcollation::pg_catalog.text, i.indoption::pg_catalog.text,
                    (SELECT pg_catalog.jsonb_agg(pg_catalog.pg_get_indexdef(i.indexrelid, n, false) ORDER BY n)
                    FROM pg_catalog.generate_series(1, i.indnatts) AS n),
                    pg_catalog.pg_get_expr(i.indpred, i.indrelid),
                    (SELECT pg_catalog.jsonb_agg(o.setting ORDER BY o.setting)
                    FROM pg_catalog.unnest(ic.reloptions) AS o (setting)
                    WHERE o.setting !~ '^pg_')
                ) AS itself
                FROM pg_catalog.pg_index AS i
                JOIN pg_catalog.pg_class AS ic ON ic.oid = i.indexrelid
                WHERE i.indrelid = c.oid
            ) AS index
        ) AS indexes,
        -- The table and what is dropped with it without being named below.
        ARRAY[c.oid, c.reltype, c.reltoastrelid]
            || array(SELECT i.indexrelid FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid)
            || array(SELECT k.oid FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = c.oid) AS parts
    FROM pg_catalog.pg_class AS c
    WHERE c.oid IN ($1::pg_catalog.regclass, $2::pg_catalog.regclass)
)
SELECT difference.what
FROM shape AS old
JOIN shape AS new ON new.oid = $2::pg_catalog.regclass
JOIN pg_catalog.pg_class AS c ON c.oid = old.oid
CROSS JOIN LATERAL (
    VALUES
        ('its owner, storage or row security differ', old.itself IS DISTINCT FROM new.itself),
        ('it has options', old.options IS DISTINCT FROM new.options),
        ('its columns differ', old.columns IS DISTINCT FROM new.columns),
        ('its constraints differ', old.constraints IS DISTINCT FROM new.constraints),
        ('its indexes differ', old.indexes IS DISTINCT FROM new.indexes),
        ('it inherits', EXISTS (SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = old.oid)),
        ('its columns have privileges of their own', EXISTS (
            SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = old.oid AND a.attacl IS NOT NULL
        )),
        ('its row type has privileges of its own', EXISTS (
            SELECT FROM pg_catalog.pg_type AS t WHERE t.oid = c.reltype AND t.typacl IS NOT NULL
        )),
        -- Only an owner can hand a privilege on. What others granted would become the owner's grant.
        ('another role has granted privileges on it', EXISTS (
            SELECT FROM pg_catalog.aclexplode(c.relacl) AS a WHERE a.grantor <> c.relowner
        )),
        ('its index or row type has a comment', EXISTS (
            SELECT FROM pg_catalog.pg_description AS d
            WHERE d.objoid = ANY (old.parts)
              AND d.classoid <> 'pg_catalog.pg_constraint'::pg_catalog.regclass
              AND (d.classoid, d.objoid) <> ('pg_catalog.pg_class'::pg_catalog.regclass, old.oid)
        )),
        ('it has a security label', EXISTS (SELECT FROM pg_catalog.pg_seclabel AS l WHERE l.objoid = ANY (old.parts))),
        ('it receives a subscription', EXISTS (SELECT FROM pg_catalog.pg_subscription_rel AS r WHERE r.srrelid = old.oid)),
        ('it belongs to an extension', EXISTS (
            SELECT FROM pg_catalog.pg_depend AS d
            WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = ANY (old.parts) AND d.deptype IN ('e', 'x')
        )),
        ('the database publishes its changes', EXISTS (SELECT FROM pg_catalog.pg_publication)),
        ('the database has a logical replication slot', EXISTS (
            SELECT FROM pg_catalog.pg_replication_slots AS s
            WHERE s.slot_type = 'logical' AND s.database = pg_catalog.current_database()
        )),
        ('an event trigger sees what is dropped', EXISTS (
            SELECT FROM pg_catalog.pg_event_trigger AS e WHERE e.evtevent = 'sql_drop' AND e.evtenabled <> 'D'
        )),
        ('this version of PostgreSQL may have more to a table than is known here',
            pg_catalog.current_setting('server_version_num')::int >= 190000)
) AS difference (what, there)
WHERE old.oid = $1::pg_catalog.regclass AND difference.there

UNION ALL
-- What DROP TABLE takes with it, such as a trigger, a policy, a rule, statistics or a sequence, and is not compared above.
SELECT pg_catalog.pg_describe_object(d.classid, d.objid, 0) || ' belongs to it'
FROM shape AS old
JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = old.oid
WHERE old.oid = $1::pg_catalog.regclass
  AND d.deptype <> 'n'
  AND d.classid <> 'pg_catalog.pg_attrdef'::pg_catalog.regclass
  AND d.objid <> ALL (old.parts)
