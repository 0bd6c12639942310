-- (checks)
SELECT 1 / CASE WHEN EXISTS (
    SELECT
    FROM "public"."a ""target""" AS t
    JOIN "public"."staged" AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number"
    WHERE t."excluded" <> s."excluded"
) THEN 0 ELSE 1 END;

-- (inserts)
-- Another table refers to this one, which forbids TRUNCATE. Rows whose key returns stay and change in place, so that
-- what refers to them is not disturbed; rows that vanished are deleted, and the reference decides whether that is
-- allowed.
--
-- It is one statement so that foreign keys are checked when all of it is done: a row may leave its parent while the
-- parent vanishes. The counts put the parts in order, since a new row may carry the unique value of a vanished one.
WITH vanished AS (
    DELETE FROM "public"."a ""target""" AS t
    WHERE NOT EXISTS (SELECT FROM "public"."staged" AS s WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
    RETURNING 1
), changed AS (
    UPDATE "public"."a ""target""" AS t
    SET "say ""hi""" = s."say ""hi"""
    FROM "public"."staged" AS s
    WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
      AND (SELECT count(*) FROM vanished) >= 0
      AND (t."say ""hi""" IS DISTINCT FROM s."say ""hi""")
    RETURNING 1
)
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded") OVERRIDING SYSTEM VALUE
SELECT s."Id", s."row_number", s."say ""hi""", coalesce(s."excluded", pg_catalog.nextval(pg_catalog.pg_get_serial_sequence('"public"."a ""target"""', 'excluded')::pg_catalog.regclass))
FROM "public"."staged" AS s
WHERE (SELECT count(*) FROM changed) >= 0
  AND NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number");

