-- What only some tables have, of the named ones: triggers, rules, partitions, children, foreign tables, types and functions that are not
-- the server's own. One row each, as JSON. $1 is the schema, $2 the names as a JSON array.
SELECT
    c.relname,
    json_build_object(
        -- Whether the owner has no power over the role otherwise. It can have a trigger run as the role that writes.
        'untrusted', pg_catalog.pg_get_userbyid(c.relowner) <> current_user
            AND c.relowner <> n.nspowner
            AND NOT EXISTS (
                SELECT FROM pg_catalog.pg_database AS d
                WHERE d.datname = pg_catalog.current_database() AND d.datdba = c.relowner
            )
            AND NOT EXISTS (
                SELECT FROM pg_catalog.pg_roles AS o
                JOIN pg_catalog.pg_roles AS r ON r.rolname = current_user
                WHERE o.oid = c.relowner AND (o.rolsuper OR NOT r.rolsuper AND pg_catalog.pg_has_role(c.relowner, 'USAGE'))
            ),
        -- Whether other tables inherit from it. What reads the table reads their rows as well, and none of its indexes is over them.
        'children', c.relkind <> 'p' AND EXISTS (SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhparent = c.oid),
        -- Whether a trigger may put rows elsewhere when they are inserted, such as into a table that inherits. Those in C do not.
        'routed', c.relhastriggers AND EXISTS (
            SELECT FROM pg_catalog.pg_trigger AS tg
            JOIN pg_catalog.pg_proc AS fn ON fn.oid = tg.tgfoid
            JOIN pg_catalog.pg_language AS la ON la.oid = fn.prolang
            WHERE tg.tgrelid = c.oid AND NOT tg.tgisinternal AND tg.tgtype & 4 <> 0 AND la.lanname NOT IN ('internal', 'c')
        ),
        -- COPY does not apply them.
        'insert_rules', c.relhasrules AND EXISTS (
            SELECT FROM pg_catalog.pg_rewrite AS r WHERE r.ev_class = c.oid AND r.ev_type = '3'
        ),
        -- ON CONFLICT works on no table with rules for INSERT or UPDATE.
        'written_by_rules', c.relhasrules AND EXISTS (
            SELECT FROM pg_catalog.pg_rewrite AS r WHERE r.ev_class = c.oid AND r.ev_type IN ('2', '3')
        ),
        -- No index finds the constraints that refer to a table. Where there are some, it has triggers.
        'referenced', c.relhastriggers AND EXISTS (
            SELECT FROM pg_catalog.pg_constraint AS f WHERE f.contype = 'f' AND f.confrelid = c.oid
        ),
        -- Whether code of the user's own may run when rows are read or written, which may rely on the role's search_path. What
        -- is written in C does not.
        'user_code', c.relhasrules OR pg_catalog.row_security_active(c.oid) OR (c.relkind = 'r' AND c.relhassubclass)
            OR c.relhastriggers AND EXISTS (
                SELECT FROM pg_catalog.pg_constraint AS f
                WHERE f.contype = 'f' AND f.confrelid = c.oid AND NOT (f.confdeltype IN ('a', 'r') AND f.confupdtype IN ('a', 'r'))
            )
            OR EXISTS (
                SELECT FROM pg_catalog.pg_attribute AS a
                JOIN pg_catalog.pg_type AS ty ON ty.oid = a.atttypid
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                    AND (ty.typtype = 'd' OR (ty.typname LIKE 'reg%' AND ty.typnamespace = 'pg_catalog'::regnamespace))
                OFFSET 0 -- else the planner may look through the columns of all tables of the database at once
            )
            OR EXISTS (
                SELECT
                FROM (SELECT c.oid UNION ALL SELECT p.relid FROM pg_catalog.pg_partition_tree(c.oid) AS p WHERE c.relkind = 'p') AS part (oid)
                CROSS JOIN LATERAL (
                    SELECT tg.tgfoid FROM pg_catalog.pg_trigger AS tg WHERE tg.tgrelid = part.oid AND NOT tg.tgisinternal
                    UNION ALL
                    SELECT coalesce(op.oprcode::oid, dep.refobjid)
                    FROM (
                        SELECT 'pg_attrdef'::regclass, d.oid FROM pg_catalog.pg_attrdef AS d WHERE d.adrelid = part.oid
                        UNION ALL SELECT 'pg_constraint'::regclass, k.oid FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = part.oid
                        UNION ALL SELECT 'pg_class'::regclass, i.indexrelid FROM pg_catalog.pg_index AS i WHERE i.indrelid = part.oid
                    ) AS uses (classid, objid)
                    JOIN pg_catalog.pg_depend AS dep ON dep.classid = uses.classid AND dep.objid = uses.objid
                        AND dep.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)
                    LEFT JOIN pg_catalog.pg_operator AS op ON dep.refclassid = 'pg_operator'::regclass AND op.oid = dep.refobjid
                ) AS called (oid)
                JOIN pg_catalog.pg_proc AS fn ON fn.oid = called.oid
                JOIN pg_catalog.pg_language AS la ON la.oid = fn.prolang
                WHERE la.lanname NOT IN ('internal', 'c')
            ),
        'foreign', behind.tables,
        -- Whether all of those are sure to understand TRUNCATE, which foreign tables do from PostgreSQL 14 on.
        'foreign_truncate', pg_catalog.current_setting('server_version_num')::int >= 140000 AND behind.stay IS NOT TRUE,
        -- The columns of the partition keys, at any depth; null for an expression.
        'spread', (
            SELECT json_agg(DISTINCT ka.attname)
            FROM pg_catalog.pg_partition_tree(c.oid) AS p
            JOIN pg_catalog.pg_partitioned_table AS pt ON pt.partrelid = p.relid
            CROSS JOIN LATERAL unnest(pt.partattrs::int2[]) AS k (attnum)
            LEFT JOIN pg_catalog.pg_attribute AS ka ON ka.attrelid = p.relid AND ka.attnum = k.attnum
            WHERE c.relkind = 'p'
        ),
        -- Whether the program made one of its partitions.
        'made', c.relkind = 'p' AND EXISTS (
            SELECT FROM pg_catalog.pg_inherits AS i
            WHERE i.inhparent = c.oid AND pg_catalog.obj_description(i.inhrelid, 'pg_class') ~ '^Partition of .*, made by target-postgres$'
        ),
        'columns', (
            SELECT json_agg(json_build_object(
                'name', a.attname,
                'collation', (
                    SELECT pg_catalog.format('%I.%I', cn.nspname, co.collname)
                    FROM pg_catalog.pg_collation AS co
                    JOIN pg_catalog.pg_namespace AS cn ON cn.oid = co.collnamespace
                    JOIN pg_catalog.pg_type AS ty ON ty.oid = a.atttypid
                    WHERE co.oid = a.attcollation AND co.oid <> ty.typcollation
                ),
                -- The operators of the type's default operator class, of the type below it where that is a domain. The search_path
                -- does not lead to those that are not pg_catalog's.
                'operators', CASE WHEN a.atttypid >= 16384 THEN (
                    WITH RECURSIVE below AS (
                        SELECT ty.oid, ty.typbasetype FROM pg_catalog.pg_type AS ty WHERE ty.oid = a.atttypid
                        UNION ALL
                        SELECT ty.oid, ty.typbasetype FROM below JOIN pg_catalog.pg_type AS ty ON ty.oid = below.typbasetype
                    )
                    SELECT json_build_object(
                        'equal', min(o.named) FILTER (WHERE o.means IN ('btree3', 'hash1')),
                        'greater', min(o.named) FILTER (WHERE o.means = 'btree5')
                    )
                    FROM (
                        SELECT am.amname || ao.amopstrategy AS means, pg_catalog.format('OPERATOR(%I.%s)', opn.nspname, op.oprname) AS named
                        FROM below
                        JOIN pg_catalog.pg_opclass AS oc ON oc.opcintype = below.oid AND oc.opcdefault
                        JOIN pg_catalog.pg_am AS am ON am.oid = oc.opcmethod
                        JOIN pg_catalog.pg_amop AS ao ON ao.amopfamily = oc.opcfamily
                            AND ao.amoplefttype = oc.opcintype AND ao.amoprighttype = oc.opcintype
                        JOIN pg_catalog.pg_operator AS op ON op.oid = ao.amopopr
                        JOIN pg_catalog.pg_namespace AS opn ON opn.oid = op.oprnamespace AND opn.nspname <> 'pg_catalog'
                    ) AS o
                ) END,
                -- What is below a domain, with the length or precision that one of the domains gives it.
                'base', CASE WHEN a.atttypid >= 16384 THEN (
                    WITH RECURSIVE below AS (
                        SELECT ty.typbasetype, ty.typtypmod FROM pg_catalog.pg_type AS ty WHERE ty.oid = a.atttypid AND ty.typtype = 'd'
                        UNION ALL
                        SELECT ty.typbasetype, ty.typtypmod FROM below JOIN pg_catalog.pg_type AS ty ON ty.oid = below.typbasetype AND ty.typtype = 'd'
                    )
                    SELECT pg_catalog.format_type(below.typbasetype, below.typtypmod)
                    FROM below
                    JOIN pg_catalog.pg_type AS ty ON ty.oid = below.typbasetype AND ty.typtype <> 'd'
                ) END,
                'folds', EXISTS (
                    SELECT FROM pg_catalog.pg_collation AS co WHERE co.oid = a.attcollation AND NOT co.collisdeterministic
                )
            ) ORDER BY a.attnum)
            FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        ),
        'indexes', (
            SELECT json_agg(json_build_object(
                'name', ic.relname,
                -- The foreign keys that need it.
                'references', (
                    SELECT json_agg(pg_catalog.format('%I of %s', f.conname, f.conrelid::pg_catalog.regclass) ORDER BY f.conname)
                    FROM pg_catalog.pg_constraint AS f
                    WHERE c.relhastriggers AND f.contype = 'f' AND f.confrelid = c.oid AND f.conindid = i.indexrelid AND f.conparentid = 0
                )
            ) ORDER BY ic.relname)
            FROM pg_catalog.pg_index AS i
            JOIN pg_catalog.pg_class AS ic ON ic.oid = i.indexrelid
            WHERE c.relhastriggers AND i.indrelid = c.oid
        )
    )::text
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    -- The foreign tables that the rows are behind, at any depth: partitions, and tables that inherit.
    SELECT
        json_agg(p.relid::pg_catalog.regclass::text) AS tables,
        bool_or(
            handler.proname IS DISTINCT FROM 'postgres_fdw_handler'
            OR EXISTS (
                SELECT FROM unnest(fs.srvoptions || ft.ftoptions) AS o (setting)
                WHERE o.setting ~ '^truncatable=' AND o.setting !~ '=(true|on|yes|1)$'
            )
        ) AS stay
    FROM (
        SELECT relid FROM pg_catalog.pg_partition_tree(c.oid) WHERE c.relkind = 'p'
        UNION ALL (
            WITH RECURSIVE family (oid) AS (
                SELECT c.oid WHERE c.relkind IN ('r', 'f')
                UNION SELECT i.inhrelid FROM family JOIN pg_catalog.pg_inherits AS i ON i.inhparent = family.oid
            )
            SELECT oid FROM family
        )
    ) AS p
    JOIN pg_catalog.pg_foreign_table AS ft ON ft.ftrelid = p.relid
    JOIN pg_catalog.pg_foreign_server AS fs ON fs.oid = ft.ftserver
    JOIN pg_catalog.pg_foreign_data_wrapper AS fw ON fw.oid = fs.srvfdw
    LEFT JOIN pg_catalog.pg_proc AS handler ON handler.oid = fw.fdwhandler
) AS behind
WHERE n.nspname = $1
    AND c.relname IN (SELECT named FROM pg_catalog.json_array_elements_text($2::pg_catalog.json) AS t (named))
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
