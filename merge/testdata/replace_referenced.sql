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
    SET "say ""hi""" = s."say ""hi""",
    "excluded" = s."excluded",
    "s" = s."s",
    "t" = s."t",
    "🚚; --" = s."🚚; --",
    "_n" = s."_n",
    "%s$1" = s."%s$1",
    "_sdc_deleted_at" = s."_sdc_deleted_at",
    "_sdc_extracted_at" = s."_sdc_extracted_at",
    "_sdc_table_version" = s."_sdc_table_version"
    FROM "public"."staged" AS s
    WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
      AND (SELECT count(*) FROM vanished) >= 0
      AND (t."say ""hi""" IS DISTINCT FROM s."say ""hi"""
        OR t."excluded" IS DISTINCT FROM s."excluded"
        OR t."s"::text IS DISTINCT FROM s."s"::text
        OR t."t" IS DISTINCT FROM s."t"
        OR t."🚚; --" IS DISTINCT FROM s."🚚; --"
        OR t."_n" IS DISTINCT FROM s."_n"
        OR t."%s$1"::text IS DISTINCT FROM s."%s$1"::text
        OR t."_sdc_deleted_at" IS DISTINCT FROM s."_sdc_deleted_at"
        OR t."_sdc_extracted_at" IS DISTINCT FROM s."_sdc_extracted_at"
        OR t."_sdc_table_version" IS DISTINCT FROM s."_sdc_table_version")
    RETURNING 1
)
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version"
FROM "public"."staged" AS s
WHERE (SELECT count(*) FROM changed) >= 0
  AND NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number");

