-- The rows of some times that this transaction has inserted into a table. Nobody has seen them.
DELETE FROM $1 AS t WHERE t.$2 IN ($3) AND t.xmin OPERATOR(pg_catalog.=) pg_catalog.pg_current_xact_id()::pg_catalog.xid
