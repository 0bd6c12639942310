SELECT v, count(*), min(id), max(id) FROM t GROUP BY v ORDER BY v
