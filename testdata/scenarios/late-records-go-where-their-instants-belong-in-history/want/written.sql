SELECT count(*) FROM prices WHERE (xmin::text, ctid::text) NOT IN (SELECT transaction, place FROM before)
