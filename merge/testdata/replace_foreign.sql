-- (prepares)
DELETE FROM "public"."a ""target""";

-- (inserts)
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version"
FROM "public"."staged" AS s;

