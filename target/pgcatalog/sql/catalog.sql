-- What every table has, of some tables of a schema as JSON, and of the others as well if there are not too many. One row each, and whether
-- details.sql has more of it. Most tables have none, and to plan that query takes the server longer than to run this one.
SELECT
    c.relname,
    json_build_object(
        'kind', c.relkind,
        'comment', (
            SELECT d.description FROM pg_catalog.pg_description AS d
            WHERE d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0
        ),
        -- Whether the role may alter the table.
        'owned', pg_catalog.pg_has_role(c.relowner, 'USAGE'),
        'owner', pg_catalog.pg_get_userbyid(c.relowner),
        'triggers', c.relhastriggers,
        'method', (SELECT am.amname FROM pg_catalog.pg_am AS am WHERE am.oid = c.relam),
        -- Whether the table's own file is where its rows are, and there are none. Other access methods may keep them elsewhere.
        'empty', c.relkind = 'r' AND pg_catalog.pg_relation_size(c.oid) = 0 AND EXISTS (
            SELECT FROM pg_catalog.pg_am AS am
            WHERE am.oid = c.relam AND am.amhandler = 'pg_catalog.heap_tableam_handler'::pg_catalog.regproc
        ),
        -- A partition takes no row outside its bounds.
        'checked', c.relispartition OR c.relchecks > 0,
        'row_security', pg_catalog.row_security_active(c.oid),
        -- Who may do something with the table beside its owner, if that is us.
        'granted', (
            SELECT json_agg(DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END)
            FROM pg_catalog.aclexplode(c.relacl) AS a
            WHERE a.grantee <> c.relowner AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
        ),
        'columns', cols.described,
        'indexes', idx.described
    )::text,
    c.relkind <> 'r' OR c.relhastriggers OR c.relhasrules OR c.relhassubclass OR c.relchecks > 0 OR c.relrowsecurity
        OR (pg_catalog.pg_get_userbyid(c.relowner) <> current_user AND c.relowner <> n.nspowner)
        OR coalesce(cols.detailed, false)
        OR coalesce(idx.detailed, false)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT
        json_agg(json_build_object(
            'name', a.attname,
            'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
            'not_null', a.attnotnull,
            'default', a.atthasdef AND a.attgenerated = '',
            -- What the default is, of the columns that the load modes may have added.
            'default_value', CASE WHEN a.atttypid IN ('boolean'::pg_catalog.regtype, 'timestamptz'::pg_catalog.regtype) THEN
                pg_catalog.pg_get_expr(d.adbin, d.adrelid)
            END,
            'generated', a.attgenerated <> '',
            'identity', a.attidentity,
            'comment', de.description
        ) ORDER BY a.attnum) AS described,
        -- Other types than the server's own, those that name objects, other collations, and defaults that call a function of others.
        bool_or(
            a.atttypid >= 16384
            OR ty.typname LIKE 'reg%'
            OR a.attcollation <> ty.typcollation
            OR (d.oid IS NOT NULL AND EXISTS (
                SELECT FROM pg_catalog.pg_depend AS dep
                WHERE dep.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND dep.objid = d.oid
                    AND dep.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass)
            ))
        ) AS detailed
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_type AS ty ON ty.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_attrdef AS d ON a.atthasdef AND d.adrelid = a.attrelid AND d.adnum = a.attnum
    LEFT JOIN pg_catalog.pg_description AS de ON de.objoid = a.attrelid AND de.objsubid = a.attnum
        AND de.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
) AS cols
CROSS JOIN LATERAL (
    SELECT
        json_agg(json_build_object(
            'name', ic.relname,
            'columns', (
                SELECT json_agg(ka.attname ORDER BY k.n)
                FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k (attnum, n)
                LEFT JOIN pg_catalog.pg_attribute AS ka ON ka.attrelid = i.indrelid AND ka.attnum = k.attnum
            ),
            'valid', i.indisvalid,
            -- ON CONFLICT goes by no constraint that may be checked later.
            'unique', i.indisunique AND i.indisvalid AND i.indimmediate,
            'deferrable', i.indisunique AND i.indisvalid AND NOT i.indimmediate,
            'primary', i.indisprimary,
            'predicate', pg_catalog.pg_get_expr(i.indpred, i.indrelid),
            'expressions', i.indexprs IS NOT NULL,
            'exclusion', i.indisexclusion,
            'constraint', k.conname,
            'mark', de.description,
            -- Whether one transaction made the constraint and the table.
            'initial', coalesce(k.xmin = ty.xmin, false)
        ) ORDER BY ic.relname) AS described,
        bool_or(
            i.indisexclusion
            OR ((i.indexprs IS NOT NULL OR i.indpred IS NOT NULL) AND EXISTS (
                SELECT FROM pg_catalog.pg_depend AS dep
                WHERE dep.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND dep.objid = i.indexrelid
                    AND dep.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass)
            ))
        ) AS detailed
    FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_class AS ic ON ic.oid = i.indexrelid
    LEFT JOIN pg_catalog.pg_constraint AS k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u')
    LEFT JOIN pg_catalog.pg_description AS de ON de.objoid = k.oid AND de.objsubid = 0
        AND de.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
    LEFT JOIN pg_catalog.pg_type AS ty ON ty.oid = c.reltype
    WHERE i.indrelid = c.oid
) AS idx
WHERE n.nspname = $1
    AND (c.relname IN (SELECT named FROM pg_catalog.json_array_elements_text($2::pg_catalog.json) AS t (named)) OR (
        SELECT pg_catalog.count(*)
        FROM pg_catalog.pg_class AS o
        WHERE o.relnamespace = (SELECT s.oid FROM pg_catalog.pg_namespace AS s WHERE s.nspname = $1)
            AND o.relkind IN ('r', 'p', 'v', 'm', 'f')
    ) <= $3::int)
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
