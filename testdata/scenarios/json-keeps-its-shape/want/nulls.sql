SELECT id, o IS NULL AS o, a IS NULL AS a, "any" IS NULL AS "any" FROM t ORDER BY id
