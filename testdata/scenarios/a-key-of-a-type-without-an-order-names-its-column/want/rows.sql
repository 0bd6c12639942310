SELECT 'x' AS stream, id::text, part, a FROM x
UNION ALL SELECT 'j' AS stream, id::text, part, a FROM j
UNION ALL SELECT 'p' AS stream, id::text, part, a FROM p
UNION ALL SELECT 'xs' AS stream, id::text, part, a FROM xs
UNION ALL SELECT 't' AS stream, id::text, part, a FROM t
ORDER BY 1
