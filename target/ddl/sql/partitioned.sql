-- How a table is partitioned: by what strategy, by which columns as JSON, of which type the first is, the columns that a row moves with, and
-- whether a foreign key deletes or changes rows of its table with those of the default partition. No row for a table that is not partitioned.
SELECT p.partstrat,
    (SELECT pg_catalog.json_agg(a.attname ORDER BY k.n)
    FROM pg_catalog.unnest(p.partattrs::pg_catalog.int2[]) WITH ORDINALITY AS k (attnum, n)
    LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = k.attnum),
    (SELECT pg_catalog.format_type(a.atttypid, a.atttypmod)
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = p.partrelid AND a.attnum = (p.partattrs::pg_catalog.int2[])[0]),
    (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = p.partrelid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''),
    EXISTS (SELECT FROM pg_catalog.pg_constraint AS f WHERE f.confrelid = p.partdefid AND f.contype = 'f' AND f.confdeltype IN ('c', 'n', 'd'))
FROM pg_catalog.pg_partitioned_table AS p
WHERE p.partrelid = pg_catalog.to_regclass($1)
