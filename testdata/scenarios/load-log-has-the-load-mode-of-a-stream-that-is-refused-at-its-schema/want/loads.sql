SELECT stream, table_name, load_mode, read, inserted, left(error, 60) AS error, count(*) OVER (PARTITION BY xmin::text) AS together FROM _singular_loads ORDER BY stream
