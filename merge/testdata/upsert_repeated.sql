-- (deletes)
DELETE FROM "public"."a ""target""" AS t
USING (
    SELECT v.ctid AS place, v.tableoid AS part, row_number() OVER newest_first AS n
    FROM "public"."a ""target""" AS v
    WHERE EXISTS (SELECT FROM "pg_temp"."staged" AS s WHERE v."Id" = s."Id" AND v."row_number" = s."row_number")
    WINDOW newest_first AS (PARTITION BY v."Id", v."row_number" ORDER BY v."excluded" DESC NULLS LAST, v."_sdc_extracted_at" DESC NULLS LAST, v.ctid DESC)
) AS r
WHERE r.n > 1
  AND t.ctid = r.place
  AND t.tableoid = r.part;

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
  AND CASE
        WHEN s."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR s."excluded" > t."excluded"
        WHEN s."_sdc_extracted_at" IS DISTINCT FROM t."_sdc_extracted_at" THEN t."_sdc_extracted_at" IS NULL OR s."_sdc_extracted_at" > t."_sdc_extracted_at"
        ELSE true END
  AND (t."say ""hi""" IS DISTINCT FROM s."say ""hi"""
    OR t."excluded" IS DISTINCT FROM s."excluded"
    OR t."s"::text IS DISTINCT FROM s."s"::text
    OR t."t" IS DISTINCT FROM s."t"
    OR t."🚚; --" IS DISTINCT FROM s."🚚; --"
    OR t."_n" IS DISTINCT FROM s."_n"
    OR t."%s$1"::text IS DISTINCT FROM s."%s$1"::text
    OR t."_sdc_deleted_at" IS DISTINCT FROM s."_sdc_deleted_at"
    OR t."_sdc_table_version" IS DISTINCT FROM greatest(t."_sdc_table_version", s."_sdc_table_version"));

-- (inserts)
-- Rows that are new. Another loader may have inserted one meanwhile; then a unique index refuses ours, and the next
-- attempt finds it.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version"
FROM "pg_temp"."staged" AS s
WHERE NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
ORDER BY s."Id", s."row_number";

