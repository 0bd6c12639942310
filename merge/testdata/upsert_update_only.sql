-- (ignores)
DELETE FROM "pg_temp"."staged" AS s
WHERE NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number");

-- (updates)
-- Rows that changed. Without a unique index, or with records that bring only some columns, there is nothing for ON
-- CONFLICT to go by. What a partial record lacks keeps the value that the row has when it is locked.
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = s."say ""hi""",
    "excluded" = s."excluded",
    "s" = s."s",
    "t" = s."t",
    "🚚; --" = s."🚚; --",
    "_n" = s."_n",
    "%s$1" = s."%s$1",
    "_sdc_deleted_at" = s."_sdc_deleted_at",
    "_sdc_extracted_at" = s."_sdc_extracted_at",
    "_sdc_table_version" = greatest(t."_sdc_table_version", s."_sdc_table_version")
FROM "pg_temp"."staged" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND (t."say ""hi""" IS DISTINCT FROM s."say ""hi"""
    OR t."excluded" IS DISTINCT FROM s."excluded"
    OR t."s"::text IS DISTINCT FROM s."s"::text
    OR t."t" IS DISTINCT FROM s."t"
    OR t."🚚; --" IS DISTINCT FROM s."🚚; --"
    OR t."_n" IS DISTINCT FROM s."_n"
    OR t."%s$1"::text IS DISTINCT FROM s."%s$1"::text
    OR t."_sdc_deleted_at" IS DISTINCT FROM s."_sdc_deleted_at"
    OR t."_sdc_table_version" IS DISTINCT FROM greatest(t."_sdc_table_version", s."_sdc_table_version"));

