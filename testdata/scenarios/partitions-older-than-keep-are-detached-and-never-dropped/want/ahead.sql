SELECT count(*) AS partitions, count(n) AS ahead
FROM pg_inherits AS i
JOIN pg_class AS c ON c.oid = i.inhrelid
LEFT JOIN generate_series(0, 2) AS n ON strpos(pg_get_expr(c.relpartbound, c.oid),
    to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month', '"FROM ("''YYYY-MM-DD')) > 0
WHERE i.inhparent = 'events'::regclass
