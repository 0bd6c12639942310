CREATE VIEW t AS SELECT 1::bigint AS id, 'x'::text AS v;
