-- (prepares)
-- What the table has of a key before its second record changes it.
INSERT INTO "public"."superseded" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version", "gone's")
SELECT t."Id", t."row_number", t."say ""hi""", t."excluded", t."s", t."t", t."🚚; --", t."_n", t."%s$1", t."_sdc_deleted_at", t."_sdc_extracted_at", t."_sdc_table_version", t."gone's"
FROM "public"."a ""target""" AS t
WHERE EXISTS (SELECT FROM "pg_temp"."staged" AS s WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
  AND NOT EXISTS (SELECT FROM "public"."superseded" AS k WHERE k."Id" = t."Id" AND k."row_number" = t."row_number")
ON CONFLICT DO NOTHING;

-- (prepares)
-- Every record of such a key, with the names of the columns that it brings.
INSERT INTO "public"."superseded" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version", "brought")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version", ARRAY['Id', 'row_number', 'say "hi"', 'excluded', 's', 't', '🚚; --', '_n', '%s$1', '_sdc_deleted_at', '_sdc_extracted_at', '_sdc_table_version']::text[]
FROM "pg_temp"."staged" AS s
WHERE EXISTS (SELECT FROM "public"."superseded" AS k WHERE k."Id" = s."Id" AND k."row_number" = s."row_number")
ORDER BY s.ctid
ON CONFLICT DO NOTHING;

