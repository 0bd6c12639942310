-- (prepares)
-- The rows are on other servers: what they say of the batch's keys is fetched once.
CREATE TEMP TABLE "pg_temp"."staged_there" ON COMMIT DROP AS
SELECT t."Id", t."row_number"
FROM "public"."a ""target""" AS t
JOIN (SELECT DISTINCT "Id", "row_number" FROM "pg_temp"."staged") AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number";

-- (ignores)
DELETE FROM "pg_temp"."staged" AS s
WHERE NOT s."gone"
  AND NOT EXISTS (SELECT FROM "pg_temp"."staged_there" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number");

-- (prepares)
-- What there is of the batch's keys.
CREATE TEMP TABLE "pg_temp"."staged_current" ON COMMIT DROP AS
SELECT t."Id", t."row_number", t."say ""hi""", t."excluded", t."deleted", true AS "_there"
FROM "public"."a ""target""" AS t
JOIN "pg_temp"."staged" AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number";

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
  AND old."_there"
  AND (false
   OR old."deleted" <> false
   OR old."say ""hi""" IS DISTINCT FROM s."say ""hi"""
   OR old."excluded" IS DISTINCT FROM s."excluded");

-- (updates)
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = s."say ""hi""",
    "excluded" = s."excluded",
    "deleted" = s."deleted"
FROM (SELECT * FROM "pg_temp"."staged_news" AS r UNION ALL SELECT * FROM "pg_temp"."staged_news" AS r WHERE false) AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND NOT s."_is_new";

-- (deletes)
-- Tombstones of keys that this batch has no record of: the mark is set, and nothing but the source's own delete marks
-- is taken from them, and their order where there is one. Rows that are marked already stay as they are, but for the order;
-- unknown keys match nothing.
UPDATE "public"."a ""target""" AS t
SET "deleted" = true
FROM (SELECT * FROM "pg_temp"."staged" AS r UNION ALL SELECT * FROM "pg_temp"."staged" AS r WHERE false) AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND s."gone"
  AND NOT t."deleted";

