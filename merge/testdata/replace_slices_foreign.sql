-- (prepares)
-- The slices that the run brought.
CREATE TEMP TABLE IF NOT EXISTS "pg_temp"."_singular_slices" ON COMMIT DROP AS
SELECT DISTINCT s."say ""hi""", s."excluded"
FROM "public"."staged" AS s;

-- (prepares)
ANALYZE "pg_temp"."_singular_slices";

-- (prepares)
-- What there is of the batch's keys.
CREATE TEMP TABLE "pg_temp"."_singular_swap_current" ON COMMIT DROP AS
SELECT t."Id", t."row_number", t."say ""hi""", t."excluded", true AS "_there"
FROM "public"."a ""target""" AS t
JOIN "public"."staged" AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND t."Id" = ANY (ARRAY(SELECT s."Id" FROM "public"."staged" AS s))
  AND t."row_number" = ANY (ARRAY(SELECT s."row_number" FROM "public"."staged" AS s));

-- (prepares)
-- Records that change something, as whole rows. One whose row has to lie elsewhere than it does is a new row, too.
CREATE TEMP TABLE "pg_temp"."_singular_swap_news" ON COMMIT DROP AS
SELECT s."Id", s."row_number",
    s."say ""hi""" AS "say ""hi""",
    s."excluded" AS "excluded",
    old."_there" IS NULL AS "_is_new"
FROM "public"."staged" AS s
LEFT JOIN "pg_temp"."_singular_swap_current" AS old ON old."Id" = s."Id" AND old."row_number" = s."row_number"
WHERE (old."_there" IS NULL
   OR old."say ""hi""" IS DISTINCT FROM s."say ""hi"""
   OR old."excluded" IS DISTINCT FROM s."excluded");

-- (updates)
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = s."say ""hi""",
    "excluded" = s."excluded"
FROM "pg_temp"."_singular_swap_news" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND NOT s."_is_new"
  AND t."Id" = ANY (ARRAY(SELECT s."Id" FROM "pg_temp"."_singular_swap_news" AS s))
  AND t."row_number" = ANY (ARRAY(SELECT s."row_number" FROM "pg_temp"."_singular_swap_news" AS s));

-- (inserts)
-- Rows that are new. No ON CONFLICT: for that, Citus makes a connection for every shard. A key that another program has
-- inserted meanwhile is refused by the unique index, and the next attempt finds it.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded"
FROM "pg_temp"."_singular_swap_news" AS s
WHERE s."_is_new"
ORDER BY s."Id", s."row_number";

-- (prepares)
-- The rows are on other servers: which of them go is found out first, so that the others are not locked there. Citus plans no
-- NOT EXISTS of a local table.
CREATE TEMP TABLE "pg_temp"."_singular_unseen" ON COMMIT DROP AS
SELECT t."Id", t."row_number"
FROM "public"."a ""target""" AS t
WHERE NOT EXISTS (SELECT FROM "public"."staged" AS s WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
  AND EXISTS (SELECT FROM "pg_temp"."_singular_slices" AS b WHERE ARRAY[b."say ""hi"""] = ARRAY[t."say ""hi"""] AND ARRAY[b."excluded"] = ARRAY[t."excluded"]);

-- (deletes)
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."_singular_unseen" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND t."Id" = ANY (ARRAY(SELECT s."Id" FROM "pg_temp"."_singular_unseen" AS s))
  AND t."row_number" = ANY (ARRAY(SELECT s."row_number" FROM "pg_temp"."_singular_unseen" AS s));

