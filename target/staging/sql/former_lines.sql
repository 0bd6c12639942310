-- The lines of an earlier input become negative, which keeps their order and comes before those of this one.
UPDATE {table}
SET {line} = {line} - (SELECT max({line}) + 1 FROM {table} WHERE {line} >= 0)
WHERE EXISTS (SELECT 1 FROM {table} WHERE {line} >= 0 LIMIT 1)
