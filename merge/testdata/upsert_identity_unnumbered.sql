-- (deletes)
-- A tombstone deletes its row, also when a later record of this batch brings the key back: what comes then is a new
-- row, through which nothing of the old one shines. Unknown keys match nothing.
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."staged" AS s
WHERE s."gone"
  AND t."Id" = s."Id" AND t."row_number" = s."row_number";

-- (checks)
SELECT 1 / CASE WHEN EXISTS (
    SELECT
    FROM "public"."a ""target""" AS t
    JOIN "pg_temp"."staged" AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number"
    WHERE t."excluded" <> s."excluded"
      AND NOT s."gone"
) THEN 0 ELSE 1 END;

-- (updates)
-- Rows that changed. Without a unique index, or with records that bring only some columns, there is nothing for ON
-- CONFLICT to go by. What a partial record lacks keeps the value that the row has when it is locked.
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = s."say ""hi"""
FROM "pg_temp"."staged" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND NOT s."gone"
  AND (t."say ""hi""" IS DISTINCT FROM s."say ""hi""");

-- (inserts)
-- Rows that are new. Another loader may have inserted one meanwhile; then a unique index refuses ours, and the next
-- attempt finds it.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded") OVERRIDING SYSTEM VALUE
SELECT s."Id", s."row_number", s."say ""hi""", coalesce(s."excluded", pg_catalog.nextval(pg_catalog.pg_get_serial_sequence('"public"."a ""target"""', 'excluded')::pg_catalog.regclass))
FROM "pg_temp"."staged" AS s
WHERE NOT s."gone"
  AND NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
ORDER BY s."Id", s."row_number";

