-- (checks)
SELECT 1 / CASE WHEN EXISTS (
    SELECT
    FROM "public"."a ""target""" AS t
    JOIN "pg_temp"."staged" AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number"
    WHERE t."excluded" <> s."excluded"
) THEN 0 ELSE 1 END;

-- (writes)
-- Records that equal their row are left out before the INSERT and not by the WHERE of ON CONFLICT, which would lock the
-- row first: that writes to its page and to the log. So ON CONFLICT sees changed rows, and those that another loader
-- inserted meanwhile. ORDER BY lets two loaders lock rows in one order, so that they wait for each other and do not
-- deadlock.
INSERT INTO "public"."a ""target""" AS t ("Id", "row_number", "say ""hi""", "excluded") OVERRIDING SYSTEM VALUE
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded"
FROM "pg_temp"."staged" AS s
LEFT JOIN "public"."a ""target""" AS old ON old."Id" = s."Id" AND old."row_number" = s."row_number"
WHERE (old.tableoid IS NULL -- a new key
   OR old."say ""hi""" IS DISTINCT FROM s."say ""hi""")
ORDER BY s."Id", s."row_number"
ON CONFLICT ("Id", "row_number") DO UPDATE
SET "say ""hi""" = excluded."say ""hi""";

