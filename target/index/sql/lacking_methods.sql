-- Those of the access methods $1 that the server does not have for indexes.
SELECT m.name
FROM pg_catalog.unnest($1::text[]) AS m (name)
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_am AS am WHERE am.amname = m.name AND am.amtype = 'i')
