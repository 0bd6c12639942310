SELECT id, v, xmin = (SELECT max(xmin::text::bigint)::text::xid FROM a) AS by_the_last_run FROM a ORDER BY id
