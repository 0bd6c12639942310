SELECT tableoid::regclass AS part, count(*), has_table_privilege('pg_monitor', 'orders', 'SELECT') AS readable FROM orders GROUP BY 1 ORDER BY 1
