-- (prepares)
-- The rows are on other servers: what they say of the batch's keys is fetched once.
CREATE TEMP TABLE "pg_temp"."staged_known" ON COMMIT DROP AS
SELECT t."Id", t."row_number", t."excluded"
FROM "public"."a ""target""" AS t
JOIN (SELECT DISTINCT "Id", "row_number" FROM "pg_temp"."staged") AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND t."Id" = ANY (ARRAY(SELECT s."Id" FROM "pg_temp"."staged" AS s))
  AND t."row_number" = ANY (ARRAY(SELECT s."row_number" FROM "pg_temp"."staged" AS s));

-- (prepares)
-- Older than a row of the key.
DELETE FROM "pg_temp"."staged" AS s
USING "pg_temp"."staged_known" AS t
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND CASE
        WHEN s."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR s."excluded" > t."excluded"
        ELSE true END IS NOT TRUE;

-- (prepares)
-- Older than a tombstone of this run.
DELETE FROM "pg_temp"."staged" AS s
USING "public"."tombstones" AS t
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND CASE
        WHEN s."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR s."excluded" > t."excluded"
        ELSE true END IS NOT TRUE;

-- (prepares)
-- The batches that follow have to know these tombstones.
INSERT INTO "public"."tombstones" AS t ("Id", "row_number", "excluded")
SELECT DISTINCT ON (s."Id", s."row_number") s."Id", s."row_number", s."excluded"
FROM "pg_temp"."staged" AS s
WHERE s."gone"
ORDER BY s."Id", s."row_number", s."excluded" DESC NULLS LAST, s.ctid DESC
ON CONFLICT ("Id", "row_number") DO UPDATE
SET "excluded" = excluded."excluded"
WHERE CASE
        WHEN excluded."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR excluded."excluded" > t."excluded"
        ELSE true END;

-- (prepares)
-- What there is of the batch's keys.
CREATE TEMP TABLE "pg_temp"."staged_current" ON COMMIT DROP AS
SELECT t."Id", t."row_number", t."say ""hi""", t."excluded", t."deleted", true AS "_there"
FROM "public"."a ""target""" AS t
JOIN "pg_temp"."staged" AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND t."Id" = ANY (ARRAY(SELECT s."Id" FROM "pg_temp"."staged" AS s))
  AND t."row_number" = ANY (ARRAY(SELECT s."row_number" FROM "pg_temp"."staged" AS s));

-- (prepares)
-- Records that change something, as whole rows. One whose row has to lie elsewhere than it does is a new row, too.
CREATE TEMP TABLE "pg_temp"."staged_news" ON COMMIT DROP AS
SELECT s."Id", s."row_number",
    s."say ""hi""" AS "say ""hi""",
    s."excluded" AS "excluded",
    false AS "deleted",
    old."_there" IS NULL AS "_is_new"
FROM "pg_temp"."staged" AS s
LEFT JOIN "pg_temp"."staged_current" AS old ON old."Id" = s."Id" AND old."row_number" = s."row_number"
WHERE NOT s."gone"
  AND (old."_there" IS NULL
   OR old."deleted" <> false
   OR CASE
        WHEN s."excluded" IS DISTINCT FROM old."excluded" THEN old."excluded" IS NULL OR s."excluded" > old."excluded"
        ELSE true END
  AND (old."say ""hi""" IS DISTINCT FROM s."say ""hi"""
    OR old."excluded" IS DISTINCT FROM s."excluded"));

-- (updates)
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = s."say ""hi""",
    "excluded" = s."excluded",
    "deleted" = s."deleted"
FROM "pg_temp"."staged_news" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND NOT s."_is_new"
  AND t."Id" = ANY (ARRAY(SELECT s."Id" FROM "pg_temp"."staged_news" AS s))
  AND t."row_number" = ANY (ARRAY(SELECT s."row_number" FROM "pg_temp"."staged_news" AS s));

-- (inserts)
-- Rows that are new. No ON CONFLICT: for that, Citus makes a connection for every shard. A key that another program has
-- inserted meanwhile is refused by the unique index, and the next attempt finds it.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "deleted")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."deleted"
FROM "pg_temp"."staged_news" AS s
WHERE s."_is_new"
ORDER BY s."Id", s."row_number";

-- (deletes)
-- Tombstones of keys that this batch has no record of: the mark is set, and nothing but the source's own delete marks
-- is taken from them, and their order where there is one. Rows that are marked already stay as they are, but for the order;
-- unknown keys match nothing.
UPDATE "public"."a ""target""" AS t
SET "excluded" = s."excluded",
    "deleted" = true
FROM "pg_temp"."staged" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND s."gone"
  AND (NOT t."deleted" OR t."excluded" IS DISTINCT FROM s."excluded")
  AND t."Id" = ANY (ARRAY(SELECT s."Id" FROM "pg_temp"."staged" AS s))
  AND t."row_number" = ANY (ARRAY(SELECT s."row_number" FROM "pg_temp"."staged" AS s));

