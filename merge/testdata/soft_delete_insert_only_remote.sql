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
  AND old."_there" IS NULL;

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
SET "deleted" = true
FROM "pg_temp"."staged" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND s."gone"
  AND NOT t."deleted"
  AND t."Id" = ANY (ARRAY(SELECT s."Id" FROM "pg_temp"."staged" AS s))
  AND t."row_number" = ANY (ARRAY(SELECT s."row_number" FROM "pg_temp"."staged" AS s));

