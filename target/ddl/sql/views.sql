-- The views of table $1 that the program made: their names, whether each is called $2, its options, what it selects, the statements that
-- give others the rights that they have and the view its comment, the triggers and rules that go with it when it is dropped, and the
-- statement that gives it its owner. The rights, comments and defaults of columns come last: the column, and the statement around its name.
SELECT DISTINCT
    pg_catalog.format('%I.%I', n.nspname, c.relname),
    c.relname = $2,
    coalesce(' WITH (' || pg_catalog.array_to_string(c.reloptions, ', ') || ')', ''),
    pg_catalog.pg_get_viewdef(c.oid),
    (
        SELECT pg_catalog.json_agg(pg_catalog.format('GRANT %s ON %I.%I TO %s%s', a.privilege_type, n.nspname, c.relname,
            CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END,
            CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END))
        FROM pg_catalog.aclexplode(c.relacl) AS a
        WHERE a.grantee <> c.relowner
    )::text,
    pg_catalog.format('COMMENT ON VIEW %I.%I IS %L', n.nspname, c.relname, pg_catalog.obj_description(c.oid, 'pg_class')),
    (
        SELECT pg_catalog.string_agg(attached.name, ', ' ORDER BY attached.name)
        FROM (
            SELECT 'trigger ' || pg_catalog.quote_ident(tg.tgname) FROM pg_catalog.pg_trigger AS tg WHERE tg.tgrelid = c.oid AND NOT tg.tgisinternal
            UNION ALL
            SELECT 'rule ' || pg_catalog.quote_ident(o.rulename) FROM pg_catalog.pg_rewrite AS o WHERE o.ev_class = c.oid AND o.rulename <> '_RETURN'
        ) AS attached (name)
    ),
    (
        SELECT pg_catalog.format('ALTER VIEW %I.%I OWNER TO %I', n.nspname, c.relname, o.rolname)
        FROM pg_catalog.pg_roles AS o
        WHERE o.oid = c.relowner AND o.rolname <> current_user AND pg_catalog.has_schema_privilege(o.oid, n.oid, 'CREATE')
          AND pg_catalog.pg_has_role(o.oid, 'MEMBER')
    ),
    (
        SELECT pg_catalog.json_agg(pg_catalog.json_build_array(a.attname, kept.before, kept.after))
        FROM pg_catalog.pg_attribute AS a
        JOIN pg_catalog.pg_attribute AS t ON t.attrelid = d.refobjid AND t.attname = a.attname AND NOT t.attisdropped
        CROSS JOIN LATERAL (
            SELECT
                pg_catalog.format('GRANT %s (', r.privilege_type),
                pg_catalog.format(') ON %I.%I TO %s%s', n.nspname, c.relname,
                    CASE WHEN r.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(r.grantee)) END,
                    CASE WHEN r.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
            FROM pg_catalog.aclexplode(a.attacl) AS r
            WHERE r.grantee <> c.relowner
            UNION ALL
            SELECT pg_catalog.format('COMMENT ON COLUMN %I.%I.', n.nspname, c.relname), pg_catalog.format(' IS %L', said.description)
            FROM pg_catalog.pg_description AS said
            WHERE said.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND said.objoid = c.oid AND said.objsubid = a.attnum
            UNION ALL
            SELECT
                pg_catalog.format('ALTER VIEW %I.%I ALTER COLUMN ', n.nspname, c.relname),
                ' SET DEFAULT ' || pg_catalog.pg_get_expr(f.adbin, f.adrelid)
            FROM pg_catalog.pg_attrdef AS f
            WHERE f.adrelid = c.oid AND f.adnum = a.attnum
        ) AS kept (before, after)
        WHERE a.attrelid = c.oid AND a.attnum > 0
    )::text
FROM pg_catalog.pg_depend AS d
JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid
JOIN pg_catalog.pg_class AS c ON c.oid = r.ev_class AND c.relkind = 'v'
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    AND d.refobjid = pg_catalog.to_regclass($1) AND pg_catalog.obj_description(c.oid, 'pg_class') = $3
ORDER BY 1
