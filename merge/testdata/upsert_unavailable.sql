-- (updates)
-- Rows that changed. Without a unique index, or with records that bring only some columns, there is nothing for ON
-- CONFLICT to go by. What a partial record lacks keeps the value that the row has when it is locked.
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = CASE WHEN substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0' THEN s."say ""hi""" ELSE t."say ""hi""" END,
    "excluded" = CASE WHEN substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0' THEN s."excluded" ELSE t."excluded" END,
    "s" = CASE WHEN substring(s."present" FROM 5 FOR 1) IS DISTINCT FROM B'0' THEN s."s" ELSE t."s" END,
    "t" = CASE WHEN substring(s."present" FROM 6 FOR 1) IS DISTINCT FROM B'0' THEN s."t" ELSE t."t" END,
    "🚚; --" = CASE WHEN substring(s."present" FROM 7 FOR 1) IS DISTINCT FROM B'0' THEN s."🚚; --" ELSE t."🚚; --" END,
    "_n" = pg_catalog.jsonb_set(s."_n", '{changes}', coalesce(s."_n" -> 'changes', '[]') || CASE WHEN substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0' THEN '[]' ELSE coalesce(pg_catalog.jsonb_path_query_array(t."_n", '$.changes[*] ? (@.field == "it''s")'), '[]') END || CASE WHEN substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0' THEN '[]' ELSE coalesce(pg_catalog.jsonb_path_query_array(t."_n", E'$.changes[*] ? (@.field == "b\\\\s")'), '[]') END || CASE WHEN substring(s."present" FROM 5 FOR 1) IS DISTINCT FROM B'0' THEN '[]' ELSE coalesce(pg_catalog.jsonb_path_query_array(t."_n", '$.changes[*] ? (@.field == "excluded")'), '[]') END),
    "%s$1" = CASE WHEN substring(s."present" FROM 9 FOR 1) IS DISTINCT FROM B'0' THEN s."%s$1" ELSE t."%s$1" END,
    "_sdc_deleted_at" = CASE WHEN substring(s."present" FROM 10 FOR 1) IS DISTINCT FROM B'0' THEN s."_sdc_deleted_at" ELSE t."_sdc_deleted_at" END,
    "_sdc_extracted_at" = CASE WHEN substring(s."present" FROM 11 FOR 1) IS DISTINCT FROM B'0' THEN s."_sdc_extracted_at" ELSE t."_sdc_extracted_at" END,
    "_sdc_table_version" = greatest(t."_sdc_table_version", s."_sdc_table_version")
FROM "pg_temp"."staged" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND (t."say ""hi""" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0' THEN s."say ""hi""" ELSE t."say ""hi""" END
    OR t."excluded" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0' THEN s."excluded" ELSE t."excluded" END
    OR t."s"::text IS DISTINCT FROM (CASE WHEN substring(s."present" FROM 5 FOR 1) IS DISTINCT FROM B'0' THEN s."s" ELSE t."s" END)::text
    OR t."t" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 6 FOR 1) IS DISTINCT FROM B'0' THEN s."t" ELSE t."t" END
    OR t."🚚; --" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 7 FOR 1) IS DISTINCT FROM B'0' THEN s."🚚; --" ELSE t."🚚; --" END
    OR t."_n" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 8 FOR 1) IS DISTINCT FROM B'0' THEN s."_n" ELSE t."_n" END
    OR t."%s$1"::text IS DISTINCT FROM (CASE WHEN substring(s."present" FROM 9 FOR 1) IS DISTINCT FROM B'0' THEN s."%s$1" ELSE t."%s$1" END)::text
    OR t."_sdc_deleted_at" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 10 FOR 1) IS DISTINCT FROM B'0' THEN s."_sdc_deleted_at" ELSE t."_sdc_deleted_at" END
    OR t."_sdc_table_version" IS DISTINCT FROM greatest(t."_sdc_table_version", s."_sdc_table_version"));

-- (inserts)
-- Rows that are new. Another loader may have inserted one meanwhile; then a unique index refuses ours, and the next
-- attempt finds it.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", pg_catalog.jsonb_set(s."_n", '{changes}', coalesce(s."_n" -> 'changes', '[]') || CASE WHEN substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0' THEN '[]' ELSE '[{"change":"NULLED","field":"it''s","reason":"SOURCE_RETRIEVAL_ERROR"}]'::pg_catalog.jsonb END || CASE WHEN substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0' THEN '[]' ELSE E'[{"change":"NULLED","field":"b\\\\s","reason":"SOURCE_RETRIEVAL_ERROR"}]'::pg_catalog.jsonb END || CASE WHEN substring(s."present" FROM 5 FOR 1) IS DISTINCT FROM B'0' THEN '[]' ELSE '[{"change":"NULLED","field":"excluded","reason":"SOURCE_RETRIEVAL_ERROR"}]'::pg_catalog.jsonb END), s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version"
FROM "pg_temp"."staged" AS s
WHERE NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
ORDER BY s."Id", s."row_number";

