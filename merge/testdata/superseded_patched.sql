-- (prepares)
-- What the table has of a key before its second record changes it.
INSERT INTO "public"."superseded" ("Id", "row_number", "say ""hi""", "excluded", "gone's")
SELECT t."Id", t."row_number", t."say ""hi""", t."excluded", t."gone's"
FROM "public"."a ""target""" AS t
WHERE EXISTS (SELECT FROM "pg_temp"."staged" AS s WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
  AND NOT EXISTS (SELECT FROM "public"."superseded" AS k WHERE k."Id" = t."Id" AND k."row_number" = t."row_number")
ON CONFLICT DO NOTHING;

-- (prepares)
-- Every record of such a key, with the names of the columns that it brings.
INSERT INTO "public"."superseded" ("Id", "row_number", "say ""hi""", "excluded", "brought")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", ARRAY['Id', 'row_number', CASE WHEN substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0' THEN 'say "hi"' END, CASE WHEN substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0' THEN 'excluded' END]::text[]
FROM "pg_temp"."staged" AS s
WHERE EXISTS (SELECT FROM "public"."superseded" AS k WHERE k."Id" = s."Id" AND k."row_number" = s."row_number")
   OR EXISTS (SELECT FROM "pg_temp"."staged" AS other WHERE other."Id" = s."Id" AND other."row_number" = s."row_number" AND other.ctid <> s.ctid)
ORDER BY s.ctid
ON CONFLICT DO NOTHING;

