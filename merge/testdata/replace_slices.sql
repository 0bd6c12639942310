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

-- (prepares)
-- The slices are a small part of most tables: their rows are found by the key, and the table is not read for them.
SELECT pg_catalog.set_config('enable_hashjoin', 'off', true), pg_catalog.set_config('enable_mergejoin', 'off', true)
WHERE pg_catalog.pg_relation_size(pg_catalog.to_regclass('"public"."a ""target"""')) / 4 > pg_catalog.pg_relation_size(pg_catalog.to_regclass('"public"."staged"'));

-- (updates)
-- Rows whose key returns stay and change in place, also those of another slice.
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = s."say ""hi""",
    "excluded" = s."excluded"
FROM "public"."staged" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND (t."say ""hi""" IS DISTINCT FROM s."say ""hi"""
    OR t."excluded" IS DISTINCT FROM s."excluded");

-- (inserts)
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded"
FROM "public"."staged" AS s
WHERE NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number");

-- (prepares)
SET LOCAL enable_hashjoin TO DEFAULT;

-- (prepares)
SET LOCAL enable_mergejoin TO DEFAULT;

