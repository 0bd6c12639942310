-- (prepares)
-- The slices that the run brought.
CREATE TEMP TABLE IF NOT EXISTS "pg_temp"."_singular_slices" ON COMMIT DROP AS
SELECT DISTINCT s."say ""hi""", s."excluded"
FROM "public"."staged" AS s;

-- (prepares)
ANALYZE "pg_temp"."_singular_slices";

-- (deletes)
DELETE FROM "public"."a ""target""" AS t
USING (
    SELECT v.ctid AS place, v.tableoid AS part, row_number() OVER newest_first AS n
    FROM "public"."a ""target""" AS v
    WHERE EXISTS (SELECT FROM "public"."staged" AS s WHERE v."Id" = s."Id" AND v."row_number" = s."row_number")
    WINDOW newest_first AS (PARTITION BY v."Id", v."row_number" ORDER BY v.ctid DESC)
) AS r
WHERE r.n > 1
  AND t.ctid = r.place
  AND t.tableoid = r.part;

-- (tells)
-- Rows whose key returns stay and change in place, also those of another slice; rows of the slices that vanished are deleted.
--
-- It is one statement so that foreign keys are checked when all of it is done. The counts put the parts in order, since a new row may
-- carry the unique value of a vanished one.
WITH vanished AS (
    DELETE FROM "public"."a ""target""" AS t
    USING "pg_temp"."_singular_slices" AS b
    WHERE t."say ""hi""" = b."say ""hi""" AND t."excluded" = b."excluded"
      AND NOT EXISTS (SELECT FROM "public"."staged" AS s WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
    RETURNING 1
), vanished_of_null AS (
    DELETE FROM "public"."a ""target""" AS t
    USING "pg_temp"."_singular_slices" AS b
    WHERE (b."say ""hi""" IS NULL OR b."excluded" IS NULL)
      AND ARRAY[t."say ""hi"""] = ARRAY[b."say ""hi"""] AND ARRAY[t."excluded"] = ARRAY[b."excluded"]
      AND EXISTS (SELECT FROM "pg_temp"."_singular_slices" AS b WHERE (b."say ""hi""" IS NULL OR b."excluded" IS NULL))
      AND NOT EXISTS (SELECT FROM "public"."staged" AS s WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
    RETURNING 1
), changed AS (
    UPDATE "public"."a ""target""" AS t
    SET "say ""hi""" = s."say ""hi""",
    "excluded" = s."excluded"
    FROM "public"."staged" AS s
    WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
      AND (SELECT count(*) FROM vanished) >= 0 AND (SELECT count(*) FROM vanished_of_null) >= 0
      AND (t."say ""hi""" IS DISTINCT FROM s."say ""hi"""
        OR t."excluded" IS DISTINCT FROM s."excluded")
    RETURNING 1
), added AS (
    INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded")
    SELECT s."Id", s."row_number", s."say ""hi""", s."excluded"
    FROM "public"."staged" AS s
    WHERE (SELECT count(*) FROM changed) >= 0
      AND (SELECT count(*) FROM vanished) >= 0 AND (SELECT count(*) FROM vanished_of_null) >= 0
      AND NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
    RETURNING 1
)
SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM changed), (SELECT count(*) FROM vanished) + (SELECT count(*) FROM vanished_of_null);

