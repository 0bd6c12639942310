SELECT 'attached' AS table, tableoid::regclass::text AS part, id, v FROM events
UNION ALL SELECT 'detached', tableoid::regclass::text, id, v FROM events_2001_01
UNION ALL SELECT 'detached', tableoid::regclass::text, id, v FROM events_2001_02_2
ORDER BY id
