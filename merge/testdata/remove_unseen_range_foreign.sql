-- (prepares)
-- The rows are on other servers: which of them go is found out first, so that the others are not locked there. Citus plans no
-- NOT EXISTS of a local table.
CREATE TEMP TABLE "pg_temp"."_singular_unseen" ON COMMIT DROP AS
SELECT t."Id", t."row_number"
FROM "public"."a ""target""" AS t
WHERE NOT EXISTS (SELECT FROM "public"."seen" AS s WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
  AND t."excluded" >= (SELECT min(b.least) FROM "public"."slices" AS b) AND t."excluded" <= (SELECT max(b.greatest) FROM "public"."slices" AS b);

-- (deletes)
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."_singular_unseen" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND t."Id" = ANY (ARRAY(SELECT s."Id" FROM "pg_temp"."_singular_unseen" AS s))
  AND t."row_number" = ANY (ARRAY(SELECT s."row_number" FROM "pg_temp"."_singular_unseen" AS s));

