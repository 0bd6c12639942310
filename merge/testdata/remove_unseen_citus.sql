-- (prepares)
-- The rows are on other servers: which of them go is found out first, so that the others are not locked there.
CREATE TEMP TABLE "pg_temp"."_singular_unseen" ON COMMIT DROP AS
SELECT t."Id", t."row_number"
FROM "public"."a ""target""" AS t
WHERE NOT EXISTS (SELECT FROM "public"."seen" AS s WHERE t."Id" = s."Id" AND t."row_number" = s."row_number");

-- (deletes)
-- The version that is current ends now; should it begin in the future, where it begins.
UPDATE "public"."a ""target""" AS t
SET "end" = greatest(now(), t."start"),
    "active" = false
FROM "pg_temp"."_singular_unseen" AS s
WHERE t."active"
  AND t."Id" = s."Id" AND t."row_number" = s."row_number";

