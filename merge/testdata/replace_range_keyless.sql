-- (prepares)
-- The slices that the run brought.
CREATE TEMP TABLE IF NOT EXISTS "pg_temp"."_singular_slices" ON COMMIT DROP AS
SELECT min(s."Id") AS least, max(s."Id") AS greatest
FROM "public"."staged" AS s
HAVING count(s."Id") > 0;

-- (prepares)
ANALYZE "pg_temp"."_singular_slices";

-- (prepares)
-- Rows of the slices that the run brings.
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."_singular_slices" AS b
WHERE t."Id" >= b.least AND t."Id" <= b.greatest;

-- (inserts)
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded"
FROM "public"."staged" AS s;

