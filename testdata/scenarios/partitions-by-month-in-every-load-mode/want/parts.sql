SELECT tableoid::regclass AS part, count(*) FROM history_t GROUP BY 1 ORDER BY 1
