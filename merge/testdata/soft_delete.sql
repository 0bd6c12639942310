-- (writes)
-- Records that equal their row, if it is not marked, are left out before the INSERT and not by the WHERE of ON
-- CONFLICT, which would lock the row first: that writes to its page and to the log. ORDER BY lets two loaders lock rows
-- in one order, so that they wait for each other and do not deadlock.
INSERT INTO "public"."a ""target""" AS t ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version", "deleted")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version", false
FROM "pg_temp"."staged" AS s
LEFT JOIN "public"."a ""target""" AS old ON old."Id" = s."Id" AND old."row_number" = s."row_number"
WHERE (old.tableoid IS NULL -- a new key
   OR old."deleted" <> false
   OR old."say ""hi""" IS DISTINCT FROM s."say ""hi"""
   OR old."excluded" IS DISTINCT FROM s."excluded"
   OR old."s"::text IS DISTINCT FROM s."s"::text
   OR old."t" IS DISTINCT FROM s."t"
   OR old."🚚; --" IS DISTINCT FROM s."🚚; --"
   OR old."_n" IS DISTINCT FROM s."_n"
   OR old."%s$1"::text IS DISTINCT FROM s."%s$1"::text
   OR old."_sdc_deleted_at" IS DISTINCT FROM s."_sdc_deleted_at"
   OR old."_sdc_table_version" IS DISTINCT FROM greatest(old."_sdc_table_version", s."_sdc_table_version"))
ORDER BY s."Id", s."row_number"
ON CONFLICT ("Id", "row_number") DO UPDATE
SET "say ""hi""" = excluded."say ""hi""",
    "excluded" = excluded."excluded",
    "s" = excluded."s",
    "t" = excluded."t",
    "🚚; --" = excluded."🚚; --",
    "_n" = excluded."_n",
    "%s$1" = excluded."%s$1",
    "_sdc_deleted_at" = excluded."_sdc_deleted_at",
    "_sdc_extracted_at" = excluded."_sdc_extracted_at",
    "_sdc_table_version" = greatest(t."_sdc_table_version", excluded."_sdc_table_version"),
    "deleted" = excluded."deleted";

