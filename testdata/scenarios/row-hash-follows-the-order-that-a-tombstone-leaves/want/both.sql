SELECT id, a, o, count(*), count(DISTINCT _singular_hash) AS hashes
FROM (SELECT * FROM together UNION ALL SELECT * FROM apart) AS t
GROUP BY 1, 2, 3
ORDER BY 1
