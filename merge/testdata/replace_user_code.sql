-- (prepares)
SET LOCAL search_path TO DEFAULT;

-- (inserts)
-- Another table refers to this one, which forbids TRUNCATE. Rows whose key returns stay and change in place, so that
-- what refers to them is not disturbed; rows that vanished are deleted, and the reference decides whether that is
-- allowed.
--
-- It is one statement so that foreign keys are checked when all of it is done: a row may leave its parent while the
-- parent vanishes. The counts put the parts in order, since a new row may carry the unique value of a vanished one.
WITH vanished AS (
    DELETE FROM "public"."a ""target""" AS t
    WHERE NOT EXISTS (SELECT FROM "public"."staged" AS s WHERE t."Id" OPERATOR(pg_catalog.=) s."Id" AND t."row_number" OPERATOR(pg_catalog.=) s."row_number")
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
    WHERE t."Id" OPERATOR(pg_catalog.=) s."Id" AND t."row_number" OPERATOR(pg_catalog.=) s."row_number"
      AND (SELECT pg_catalog.count(*) FROM vanished) OPERATOR(pg_catalog.>=) 0
      AND (NOT coalesce(t."say ""hi""" OPERATOR(pg_catalog.=) s."say ""hi""", t."say ""hi""" IS NULL AND s."say ""hi""" IS NULL)
        OR NOT coalesce(t."excluded" OPERATOR(pg_catalog.=) s."excluded", t."excluded" IS NULL AND s."excluded" IS NULL)
        OR NOT coalesce(t."s"::pg_catalog.text OPERATOR(pg_catalog.=) s."s"::pg_catalog.text, t."s"::pg_catalog.text IS NULL AND s."s"::pg_catalog.text IS NULL)
        OR NOT coalesce(t."t" OPERATOR(pg_catalog.=) s."t", t."t" IS NULL AND s."t" IS NULL)
        OR NOT coalesce(t."🚚; --" OPERATOR(pg_catalog.=) s."🚚; --", t."🚚; --" IS NULL AND s."🚚; --" IS NULL)
        OR NOT coalesce(t."_n" OPERATOR(pg_catalog.=) s."_n", t."_n" IS NULL AND s."_n" IS NULL)
        OR NOT coalesce(t."%s$1"::pg_catalog.text OPERATOR(pg_catalog.=) s."%s$1"::pg_catalog.text, t."%s$1"::pg_catalog.text IS NULL AND s."%s$1"::pg_catalog.text IS NULL)
        OR NOT coalesce(t."_sdc_deleted_at" OPERATOR(pg_catalog.=) s."_sdc_deleted_at", t."_sdc_deleted_at" IS NULL AND s."_sdc_deleted_at" IS NULL)
        OR NOT coalesce(t."_sdc_extracted_at" OPERATOR(pg_catalog.=) s."_sdc_extracted_at", t."_sdc_extracted_at" IS NULL AND s."_sdc_extracted_at" IS NULL)
        OR NOT coalesce(t."_sdc_table_version" OPERATOR(pg_catalog.=) s."_sdc_table_version", t."_sdc_table_version" IS NULL AND s."_sdc_table_version" IS NULL))
    RETURNING 1
)
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version"
FROM "public"."staged" AS s
WHERE (SELECT pg_catalog.count(*) FROM changed) OPERATOR(pg_catalog.>=) 0
  AND NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" OPERATOR(pg_catalog.=) s."Id" AND t."row_number" OPERATOR(pg_catalog.=) s."row_number");

-- (prepares)
SET LOCAL search_path TO pg_catalog, pg_temp;

