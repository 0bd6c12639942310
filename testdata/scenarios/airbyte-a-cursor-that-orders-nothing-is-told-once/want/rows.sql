SELECT 'gone' AS stream, v FROM "gone"
UNION ALL SELECT 'jsoned' AS stream, v FROM "jsoned"
UNION ALL SELECT 'hist' AS stream, v FROM "hist"
UNION ALL SELECT 'ordered' AS stream, v FROM "ordered"
UNION ALL SELECT 'good' AS stream, v FROM "good"
UNION ALL SELECT 'plain' AS stream, v FROM "plain"
UNION ALL SELECT 'none' AS stream, v FROM "none"
ORDER BY 1, 2
