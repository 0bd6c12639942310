-- (prepares)
-- The rows are on other servers: which of them go is found out first, so that the others are not locked there. Citus plans no
-- NOT EXISTS of a local table.
CREATE TEMP TABLE "pg_temp"."_singular_unseen" ON COMMIT DROP AS
SELECT t."Id", t."row_number"
FROM "public"."a ""target""" AS t
LEFT JOIN (SELECT "Id", "row_number", true AS "_seen" FROM "public"."staged") AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number"
WHERE s."_seen" IS NULL;

-- (deletes)
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."_singular_unseen" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number";

