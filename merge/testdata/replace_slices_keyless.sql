-- (prepares)
-- The slices that the run brought.
CREATE TEMP TABLE IF NOT EXISTS "pg_temp"."_singular_slices" ON COMMIT DROP AS
SELECT DISTINCT s."Id"
FROM "public"."staged" AS s;

-- (prepares)
ANALYZE "pg_temp"."_singular_slices";

-- (prepares)
-- Rows of the slices that the run brings.
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."_singular_slices" AS b
WHERE t."Id" = b."Id";

-- (prepares)
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."_singular_slices" AS b
WHERE (b."Id" IS NULL)
  AND ARRAY[t."Id"] = ARRAY[b."Id"]
  AND EXISTS (SELECT FROM "pg_temp"."_singular_slices" AS b WHERE (b."Id" IS NULL));

-- (inserts)
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded"
FROM "public"."staged" AS s;

