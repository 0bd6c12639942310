-- (prepares)
-- The slices that the run brought.
CREATE TEMP TABLE IF NOT EXISTS "pg_temp"."_singular_slices" ON COMMIT DROP AS
SELECT DISTINCT s."say ""hi""", s."excluded"
FROM "public"."staged" AS s;

-- (prepares)
ANALYZE "pg_temp"."_singular_slices";

-- (deletes)
-- Rows of the slices that vanished.
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."_singular_slices" AS b
WHERE t."say ""hi""" = b."say ""hi""" AND t."excluded" = b."excluded"
  AND NOT EXISTS (SELECT FROM "public"."staged" AS s WHERE t."Id" = s."Id" AND t."row_number" = s."row_number");

-- (deletes)
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."_singular_slices" AS b
WHERE (b."say ""hi""" IS NULL OR b."excluded" IS NULL)
  AND ARRAY[t."say ""hi"""] = ARRAY[b."say ""hi"""] AND ARRAY[t."excluded"] = ARRAY[b."excluded"]
  AND EXISTS (SELECT FROM "pg_temp"."_singular_slices" AS b WHERE (b."say ""hi""" IS NULL OR b."excluded" IS NULL))
  AND NOT EXISTS (SELECT FROM "public"."staged" AS s WHERE t."Id" = s."Id" AND t."row_number" = s."row_number");

