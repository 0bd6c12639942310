SELECT tableoid::regclass AS part, count(*) FROM upsert_t GROUP BY 1 ORDER BY 1
