-- (ignores)
DELETE FROM "pg_temp"."staged" AS s
WHERE NOT s."gone"
  AND NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number");

-- (prepares)
-- fold: what several rows of one key amount to. Only where they do not simply replace one another: records that bring
-- some columns and not others (x-pipelinewise-record-update-mode: PATCH), and tombstones which keep the values before
-- them.
-- One row a key says what the whole batch makes of it.
CREATE TEMP TABLE "pg_temp"."staged_folded" ON COMMIT DROP AS
SELECT DISTINCT ON (s."Id", s."row_number")
    s."Id", s."row_number",
    s."say ""hi""" AS "say ""hi""",
    s."excluded" AS "excluded",
    s."s" AS "s",
    s."t" AS "t",
    s."🚚; --" AS "🚚; --",
    s."_n" AS "_n",
    s."%s$1" AS "%s$1",
    CASE WHEN s."gone" THEN s."_sdc_deleted_at" ELSE coalesce(lead(s."_sdc_deleted_at") OVER of_key, s."_sdc_deleted_at") END AS "_sdc_deleted_at",
    s."_sdc_extracted_at" AS "_sdc_extracted_at",
    s."_sdc_table_version" AS "_sdc_table_version",
    coalesce(lead(true) OVER of_key, s."gone") AS "gone", -- what follows the last record is a tombstone
    s."gone" AS "__nothing_else" -- there is no record at all
FROM (
    SELECT *, row_number() OVER (PARTITION BY "Id", "row_number" ORDER BY ctid)::int AS "__n"
    FROM "pg_temp"."staged"
) AS s
WINDOW of_key AS (
    PARTITION BY s."Id", s."row_number" ORDER BY s."__n" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
)
-- The last record, or where there is none the first tombstone.
ORDER BY s."Id", s."row_number", s."gone", CASE WHEN s."gone" THEN s."__n" ELSE -s."__n" END;

-- (updates)
-- Rows that changed or come back. Without a unique index, or with records that bring only some columns, there is
-- nothing for ON CONFLICT to go by. What a partial record lacks keeps the value that the row has when it is locked.
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
    "_sdc_table_version" = greatest(t."_sdc_table_version", s."_sdc_table_version"),
    "deleted" = s."gone"
FROM "pg_temp"."staged_folded" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND NOT s."__nothing_else"
  AND (t."deleted" <> s."gone"
   OR t."say ""hi""" IS DISTINCT FROM s."say ""hi"""
   OR t."excluded" IS DISTINCT FROM s."excluded"
   OR t."s"::text IS DISTINCT FROM s."s"::text
   OR t."t" IS DISTINCT FROM s."t"
   OR t."🚚; --" IS DISTINCT FROM s."🚚; --"
   OR t."_n" IS DISTINCT FROM s."_n"
   OR t."%s$1"::text IS DISTINCT FROM s."%s$1"::text
   OR t."_sdc_deleted_at" IS DISTINCT FROM s."_sdc_deleted_at"
   OR t."_sdc_table_version" IS DISTINCT FROM greatest(t."_sdc_table_version", s."_sdc_table_version"));

-- (deletes)
-- Tombstones of keys that this batch has no record of: the mark is set, and nothing but the source's own delete marks
-- is taken from them, and their order where there is one. Rows that are marked already stay as they are, but for the order;
-- unknown keys match nothing.
UPDATE "public"."a ""target""" AS t
SET "_sdc_deleted_at" = coalesce(s."_sdc_deleted_at", t."_sdc_deleted_at"),
    "deleted" = true
FROM "pg_temp"."staged_folded" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND s."__nothing_else"
  AND NOT t."deleted";

