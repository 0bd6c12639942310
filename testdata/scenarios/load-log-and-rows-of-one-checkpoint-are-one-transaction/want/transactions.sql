SELECT count(DISTINCT xmin::text) AS transactions FROM (SELECT xmin FROM app UNION ALL SELECT xmin FROM ups UNION ALL SELECT xmin FROM _singular_loads) AS rows
