-- What uses some columns of a table or of the tables below it, in an order in which it can be dropped: the column, what it is,
-- the statement that drops it, and whether PostgreSQL always refuses another type of the column because of it.
WITH RECURSIVE family (oid) AS (
    SELECT $1::pg_catalog.regclass::oid
    UNION
    SELECT i.inhrelid FROM family JOIN pg_catalog.pg_inherits AS i ON i.inhparent = family.oid
),
asked AS (
    SELECT a.attrelid, a.attnum, a.attname, a.attinhcount, pg_catalog.format('%I.%I', n.nspname, c.relname) AS relation
    FROM family
    JOIN pg_catalog.pg_class AS c ON c.oid = family.oid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND NOT a.attisdropped
        AND a.attname IN (SELECT pg_catalog.json_array_elements_text($2::pg_catalog.json))
),
uses AS (
    SELECT asked.*, d.classid, d.objid, d.objsubid
    FROM asked
    JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        AND d.refobjid = asked.attrelid AND d.refobjsubid = asked.attnum
),
-- Views of the column, and the views of these.
views (attname, oid, depth) AS (
    SELECT uses.attname, r.ev_class, 1
    FROM uses
    JOIN pg_catalog.pg_rewrite AS r ON uses.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid = uses.objid
    JOIN pg_catalog.pg_class AS c ON c.oid = r.ev_class AND c.relkind IN ('v', 'm')
    UNION
    SELECT views.attname, r.ev_class, views.depth + 1
    FROM views
    JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = views.oid
        AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
    JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid AND r.ev_class <> views.oid
    JOIN pg_catalog.pg_class AS c ON c.oid = r.ev_class AND c.relkind IN ('v', 'm')
    WHERE views.depth < 100
),
found (attname, what, statement, hard, rank) AS (
    SELECT views.attname, o.type || ' ' || o.identity, 'DROP ' || pg_catalog.upper(o.type) || ' ' || o.identity, true, -max(views.depth)
    FROM views
    CROSS JOIN LATERAL pg_catalog.pg_identify_object('pg_catalog.pg_class'::pg_catalog.regclass, views.oid, 0) AS o
    GROUP BY views.attname, o.type, o.identity
    UNION ALL
    SELECT uses.attname, o.type || ' ' || o.identity, 'DROP ' || pg_catalog.upper(o.type) || ' ' || o.identity, true, 1
    FROM uses
    CROSS JOIN LATERAL pg_catalog.pg_identify_object(uses.classid, uses.objid, uses.objsubid) AS o
    WHERE o.type IN ('rule', 'trigger', 'policy', 'function', 'procedure') AND uses.objid NOT IN (
        SELECT r.oid FROM views JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = views.oid
    )
    UNION ALL
    SELECT uses.attname, 'generated column ' || pg_catalog.quote_ident(g.attname) || ' of ' || uses.relation,
        pg_catalog.format('ALTER TABLE %s DROP COLUMN %I', uses.relation, g.attname), true, 1
    FROM uses
    LEFT JOIN pg_catalog.pg_attrdef AS def ON uses.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND def.oid = uses.objid
    JOIN pg_catalog.pg_attribute AS g ON g.attrelid = uses.attrelid AND g.attgenerated <> '' AND g.attnum = CASE
        WHEN uses.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND uses.objid = uses.attrelid THEN uses.objsubid
        ELSE def.adnum
    END
    UNION ALL
    SELECT uses.attname, 'publication ' || pg_catalog.quote_ident(p.pubname) || ' (its row filter or list of columns)',
        pg_catalog.format('ALTER PUBLICATION %I DROP TABLE %s', p.pubname, uses.relation), true, 1
    FROM uses
    JOIN pg_catalog.pg_publication_rel AS pr ON uses.classid = 'pg_catalog.pg_publication_rel'::pg_catalog.regclass AND pr.oid = uses.objid
    JOIN pg_catalog.pg_publication AS p ON p.oid = pr.prpubid
    UNION ALL
    SELECT uses.attname,
        CASE c.contype WHEN 'f' THEN 'foreign key ' WHEN 'c' THEN 'check constraint ' ELSE 'constraint ' END || pg_catalog.quote_ident(c.conname)
            || ' of ' || pg_catalog.format('%I.%I', n.nspname, cl.relname),
        pg_catalog.format('ALTER TABLE %I.%I DROP CONSTRAINT %I', n.nspname, cl.relname, c.conname), false, 2
    FROM uses
    JOIN pg_catalog.pg_constraint AS c ON uses.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND c.oid = uses.objid
        AND c.contype IN ('f', 'c', 'x')
    JOIN pg_catalog.pg_class AS cl ON cl.oid = c.conrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = cl.relnamespace
    UNION ALL
    SELECT uses.attname, o.type || ' ' || o.identity, 'DROP ' || CASE o.type WHEN 'index' THEN 'INDEX ' ELSE 'STATISTICS ' END || o.identity, false, 2
    FROM uses
    CROSS JOIN LATERAL pg_catalog.pg_identify_object(uses.classid, uses.objid, 0) AS o
    WHERE o.type IN ('index', 'statistics object')
    UNION ALL
    SELECT asked.attname, 'default of the column', pg_catalog.format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT', asked.relation, asked.attname), false, 2
    FROM asked
    JOIN pg_catalog.pg_attrdef AS def ON def.adrelid = asked.attrelid AND def.adnum = asked.attnum
    WHERE asked.attrelid = $1::pg_catalog.regclass
    UNION ALL
    SELECT asked.attname, 'column ' || o.identity || ' (of the table''s row type)',
        pg_catalog.format('ALTER TABLE %s DROP COLUMN %I', d.objid::pg_catalog.regclass, a.attname), false, 2
    FROM asked
    JOIN pg_catalog.pg_class AS c ON c.oid = asked.attrelid
    JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.refobjid = c.reltype
        AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid > 0
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.objid AND a.attnum = d.objsubid
    CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.classid, d.objid, d.objsubid) AS o
    UNION ALL
    -- A column of a parent is changed there, together with the columns below it.
    SELECT asked.attname, 'table ' || pg_catalog.format('%I.%I', n.nspname, c.relname) || ' (the column is inherited from it)',
        pg_catalog.format('ALTER TABLE %I.%I ', n.nspname, c.relname), true, 3
    FROM asked
    JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = asked.attrelid
    JOIN pg_catalog.pg_class AS c ON c.oid = i.inhparent
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attname = asked.attname AND NOT a.attisdropped
    WHERE asked.attrelid = $1::pg_catalog.regclass AND asked.attinhcount > 0
    UNION ALL
    SELECT asked.attname, 'partition key of ' || asked.relation, NULL, true, 4
    FROM asked
    JOIN pg_catalog.pg_partitioned_table AS p ON p.partrelid = asked.attrelid
    WHERE asked.attnum = ANY (p.partattrs::int2[]) OR EXISTS (
        SELECT FROM uses
        WHERE uses.attrelid = asked.attrelid AND uses.attnum = asked.attnum AND p.partexprs IS NOT NULL
            AND uses.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND uses.objid = asked.attrelid AND uses.objsubid = 0
    )
)
SELECT attname, what, statement, hard FROM found GROUP BY attname, what, statement, hard, rank ORDER BY rank, what
