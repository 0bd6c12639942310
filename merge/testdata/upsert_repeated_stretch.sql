-- (prepares)
SELECT
    set_config('target_postgres.repeated', (count(*) > count(DISTINCT s.ctid))::text, true),
    set_config('target_postgres.changed', coalesce(bool_or(t."say ""hi""" IS DISTINCT FROM s."say ""hi"""
    OR t."excluded" IS DISTINCT FROM s."excluded"), false)::text, true),
    set_config('target_postgres.new', (count(DISTINCT s.ctid) < (SELECT count(*) FROM "pg_temp"."staged"))::text, true)
FROM "pg_temp"."staged" AS s
JOIN "public"."a ""target""" AS t ON t."Id" = s."Id" AND t."row_number" = s."row_number" AND t."Id" >= -1 AND t."Id" <= 14000;

-- (deletes)
DELETE FROM "public"."a ""target""" AS t
USING (
    SELECT v.ctid AS place, v.tableoid AS part, row_number() OVER newest_first AS n
    FROM "public"."a ""target""" AS v
    WHERE EXISTS (SELECT FROM "pg_temp"."staged" AS s WHERE v."Id" = s."Id" AND v."row_number" = s."row_number" AND v."Id" >= -1 AND v."Id" <= 14000)
    WINDOW newest_first AS (PARTITION BY v."Id", v."row_number" ORDER BY v.ctid DESC)
) AS r
WHERE current_setting('target_postgres.repeated')::boolean
  AND r.n > 1
  AND t.ctid = r.place
  AND t.tableoid = r.part;

-- (updates)
-- Rows that changed. Without a unique index, or with records that bring only some columns, there is nothing for ON
-- CONFLICT to go by. What a partial record lacks keeps the value that the row has when it is locked.
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = s."say ""hi""",
    "excluded" = s."excluded"
FROM "pg_temp"."staged" AS s
WHERE current_setting('target_postgres.changed')::boolean
  AND t."Id" = s."Id" AND t."row_number" = s."row_number" AND t."Id" >= -1 AND t."Id" <= 14000
  AND (t."say ""hi""" IS DISTINCT FROM s."say ""hi"""
    OR t."excluded" IS DISTINCT FROM s."excluded");

-- (inserts)
-- Rows that are new. Another loader may have inserted one meanwhile; then a unique index refuses ours, and the next
-- attempt finds it.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded"
FROM "pg_temp"."staged" AS s
WHERE current_setting('target_postgres.new')::boolean
  AND NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number" AND t."Id" >= -1 AND t."Id" <= 14000)
ORDER BY s."Id", s."row_number";

