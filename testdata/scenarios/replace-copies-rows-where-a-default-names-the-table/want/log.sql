SELECT of::text, (SELECT count(*) FROM stock WHERE id = 2) AS new FROM log
