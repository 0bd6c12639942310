-- Takes the row over for this run. There is none if another run has written a STATE since this one began.
INSERT INTO {table} AS s (id, run)
VALUES ({id}, {run})
ON CONFLICT (id) DO UPDATE SET run = excluded.run
WHERE s.run = excluded.run OR s.updated_at IS NULL OR s.updated_at < {began}
RETURNING xmin
