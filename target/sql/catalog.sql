-- The tables of schema $1 as JSON, one row each: all of them, or only table $2.
SELECT
    c.relname,
    json_build_object(
        'kind', c.relkind,
        'comment', pg_catalog.obj_description(c.oid, 'pg_class'),
        'triggers', c.relhastriggers,
        'empty', c.relkind = 'r' AND pg_catalog.pg_relation_size(c.oid) = 0,
        'row_security', pg_catalog.row_security_active(c.oid),
        'referenced', EXISTS (
            SELECT FROM pg_catalog.pg_constraint AS f WHERE f.contype = 'f' AND f.confrelid = c.oid
        ),
        'columns', (
            SELECT json_agg(json_build_object(
                'name', a.attname,
                'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
                'not_null', a.attnotnull,
                'default', a.atthasdef AND a.attgenerated = '',
                'generated', a.attgenerated <> '',
                'identity', a.attidentity,
                'comment', pg_catalog.col_description(c.oid, a.attnum)
            ) ORDER BY a.attnum)
            FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        ),
        'indexes', (
            SELECT json_agg(json_build_object(
                'name', ic.relname,
                'columns', (
                    SELECT json_agg(ka.attname ORDER BY k.n)
                    FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k (attnum, n)
                    LEFT JOIN pg_catalog.pg_attribute AS ka ON ka.attrelid = c.oid AND ka.attnum = k.attnum
                ),
                'unique', i.indisunique AND i.indisvalid AND i.indimmediate,
                'primary', i.indisprimary,
                'predicate', pg_catalog.pg_get_expr(i.indpred, i.indrelid),
                'expressions', i.indexprs IS NOT NULL,
                'exclusion', i.indisexclusion,
                'constraint', (
                    SELECT n.conname FROM pg_catalog.pg_constraint AS n
                    WHERE n.conindid = i.indexrelid AND n.contype IN ('p', 'u') AND n.conrelid = c.oid
                )
            ) ORDER BY ic.relname)
            FROM pg_catalog.pg_index AS i
            JOIN pg_catalog.pg_class AS ic ON ic.oid = i.indexrelid
            WHERE i.indrelid = c.oid
        )
    )::text
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = $1
    AND ($2 = '' OR c.relname = $2)
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
