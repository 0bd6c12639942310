UPDATE $table AS t
SET $deleted = true,
    $active = true
FROM (
    SELECT v.ctid AS place, v.tableoid AS part, v.$active AS active,
        row_number() OVER (PARTITION BY $key ORDER BY v.$active DESC, v.$end DESC NULLS FIRST, v.$start DESC, v.ctid DESC) AS n
    FROM $table AS v
) AS last
WHERE last.n = 1
  AND NOT last.active
  AND t.ctid = last.place
  AND t.tableoid = last.part
