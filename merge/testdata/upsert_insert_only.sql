-- (prepares)
-- A row that stays as it is has still been in this pass of the stream: the end of the pass would remove it otherwise.
UPDATE "public"."a ""target""" AS t
SET "_sdc_table_version" = s."_sdc_table_version"
FROM "pg_temp"."staged" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND (t."_sdc_table_version" IS NULL OR t."_sdc_table_version" < s."_sdc_table_version");

-- (inserts)
-- Rows that are new. Those that are there are not even locked.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version"
FROM "pg_temp"."staged" AS s
WHERE NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
ORDER BY s."Id", s."row_number"
ON CONFLICT ("Id", "row_number") DO NOTHING;

