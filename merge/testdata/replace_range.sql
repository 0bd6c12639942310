-- (prepares)
-- The slices that the run brought.
CREATE TEMP TABLE IF NOT EXISTS "pg_temp"."_singular_slices" ON COMMIT DROP AS
SELECT min(s."excluded") AS least, max(s."excluded") AS greatest
FROM "public"."staged" AS s
HAVING count(s."excluded") > 0;

-- (prepares)
ANALYZE "pg_temp"."_singular_slices";

-- (prepares)
-- What the slices' rows and those that the run brought differ in, found in one pass: the keys that vanished, which have no place, and those
-- of staged rows that change one or are new in these slices. A slice that is loaded again is mostly as it was.
CREATE TEMP TABLE "pg_temp"."_singular_altered" ON COMMIT DROP AS
SELECT coalesce(t."Id", s."Id") AS "Id", coalesce(t."row_number", s."row_number") AS "row_number",
    s.ctid AS "_place", s.tableoid AS "_part", t."Id" IS NOT NULL AS "_there"
FROM (
    SELECT t."Id", t."row_number", t."say ""hi""", t."excluded"
    FROM "public"."a ""target""" AS t
    JOIN "pg_temp"."_singular_slices" AS b ON t."excluded" >= b.least AND t."excluded" <= b.greatest
) AS t
FULL JOIN "public"."staged" AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number"
WHERE s.ctid IS NULL
   OR t."Id" IS NULL
   OR t."say ""hi""" IS DISTINCT FROM s."say ""hi"""
   OR t."excluded" IS DISTINCT FROM s."excluded";

-- (deletes)
-- Rows of the slices that vanished.
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."_singular_altered" AS a
WHERE a."_place" IS NULL
  AND t."Id" = a."Id" AND t."row_number" = a."row_number"
  AND EXISTS (SELECT FROM "pg_temp"."_singular_slices" AS b WHERE t."excluded" >= b.least AND t."excluded" <= b.greatest);

-- (prepares)
-- The slices are a small part of most tables: their rows are found by the key, and the table is not read for them.
SELECT pg_catalog.set_config('enable_hashjoin', 'off', true), pg_catalog.set_config('enable_mergejoin', 'off', true)
WHERE pg_catalog.pg_relation_size(pg_catalog.to_regclass('"public"."a ""target"""')) / 4 > pg_catalog.pg_relation_size(pg_catalog.to_regclass('"public"."staged"'));

-- (prepares)
-- Keys that are in other slices.
UPDATE "pg_temp"."_singular_altered" AS a
SET "_there" = true
FROM "public"."a ""target""" AS t
WHERE NOT a."_there"
  AND t."Id" = a."Id" AND t."row_number" = a."row_number";

-- (updates)
-- Rows whose key returns stay and change in place, also those of another slice.
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = s."say ""hi""",
    "excluded" = s."excluded"
FROM (
    SELECT s.*
    FROM "pg_temp"."_singular_altered" AS a
    JOIN "public"."staged" AS s ON s.ctid = a."_place" AND s.tableoid = a."_part"
    WHERE a."_there"
    OFFSET 0
) AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND (t."say ""hi""" IS DISTINCT FROM s."say ""hi"""
    OR t."excluded" IS DISTINCT FROM s."excluded");

-- (inserts)
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded"
FROM (
    SELECT a."_place", a."_part"
    FROM "pg_temp"."_singular_altered" AS a
    WHERE NOT a."_there"
      AND NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = a."Id" AND t."row_number" = a."row_number")
    OFFSET 0
) AS a
JOIN "public"."staged" AS s ON s.ctid = a."_place" AND s.tableoid = a."_part";

-- (prepares)
SET LOCAL enable_hashjoin TO DEFAULT;

-- (prepares)
SET LOCAL enable_mergejoin TO DEFAULT;

