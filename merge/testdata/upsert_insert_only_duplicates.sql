-- (inserts)
-- Rows that are new. Those that are there are not even locked.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded"
FROM (SELECT DISTINCT ON ("Id", "row_number") * FROM "pg_temp"."staged" ORDER BY "Id", "row_number", ctid) AS s
WHERE NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
ORDER BY s."Id", s."row_number";

