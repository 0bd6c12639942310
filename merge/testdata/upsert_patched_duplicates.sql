-- (prepares)
-- fold: what several rows of one key amount to. Only where they do not simply replace one another: records that bring
-- some columns and not others (x-pipelinewise-record-update-mode: PATCH), and tombstones which keep the values before
-- them.
-- One row a key says what the whole batch makes of it.
CREATE TEMP TABLE "pg_temp"."staged_folded" ON COMMIT DROP AS
SELECT DISTINCT ON (s."Id", s."row_number")
    s."Id", s."row_number",
    nth_value(CASE WHEN NOT s."gone" THEN s."say ""hi""" END, s."__from3") OVER of_key AS "say ""hi""",
    nth_value(CASE WHEN NOT s."gone" THEN s."excluded" END, s."__from4") OVER of_key AS "excluded",
    nth_value(CASE WHEN NOT s."gone" THEN s."s" END, s."__from5") OVER of_key AS "s",
    nth_value(CASE WHEN NOT s."gone" THEN s."t" END, s."__from6") OVER of_key AS "t",
    nth_value(CASE WHEN NOT s."gone" THEN s."🚚; --" END, s."__from7") OVER of_key AS "🚚; --",
    nth_value(CASE WHEN NOT s."gone" THEN s."_n" END, s."__from8") OVER of_key AS "_n",
    nth_value(CASE WHEN NOT s."gone" THEN s."%s$1" END, s."__from9") OVER of_key AS "%s$1",
    nth_value(CASE WHEN NOT s."gone" THEN s."_sdc_deleted_at" END, s."__from10") OVER of_key AS "_sdc_deleted_at",
    nth_value(CASE WHEN NOT s."gone" THEN s."_sdc_extracted_at" END, s."__from11") OVER of_key AS "_sdc_extracted_at",
    nth_value(CASE WHEN NOT s."gone" THEN s."_sdc_table_version" END, s."__from12") OVER of_key AS "_sdc_table_version",
    (B'1'
        || B'1'
        || CASE WHEN s."__from3" IS NULL THEN B'0' ELSE B'1' END
        || CASE WHEN s."__from4" IS NULL THEN B'0' ELSE B'1' END
        || CASE WHEN s."__from5" IS NULL THEN B'0' ELSE B'1' END
        || CASE WHEN s."__from6" IS NULL THEN B'0' ELSE B'1' END
        || CASE WHEN s."__from7" IS NULL THEN B'0' ELSE B'1' END
        || CASE WHEN s."__from8" IS NULL THEN B'0' ELSE B'1' END
        || CASE WHEN s."__from9" IS NULL THEN B'0' ELSE B'1' END
        || CASE WHEN s."__from10" IS NULL THEN B'0' ELSE B'1' END
        || CASE WHEN s."__from11" IS NULL THEN B'0' ELSE B'1' END
        || CASE WHEN s."__from12" IS NULL THEN B'0' ELSE B'1' END)::bit varying AS "present",
    s."gone"
FROM (
    -- For every row and column, which row of the key so far brought the column last.
    SELECT s.*,
        max(s."__n") FILTER (WHERE s."gone" OR substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0') OVER so_far AS "__from3",
        max(s."__n") FILTER (WHERE s."gone" OR substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0') OVER so_far AS "__from4",
        max(s."__n") FILTER (WHERE s."gone" OR substring(s."present" FROM 5 FOR 1) IS DISTINCT FROM B'0') OVER so_far AS "__from5",
        max(s."__n") FILTER (WHERE s."gone" OR substring(s."present" FROM 6 FOR 1) IS DISTINCT FROM B'0') OVER so_far AS "__from6",
        max(s."__n") FILTER (WHERE s."gone" OR substring(s."present" FROM 7 FOR 1) IS DISTINCT FROM B'0') OVER so_far AS "__from7",
        max(s."__n") FILTER (WHERE s."gone" OR substring(s."present" FROM 8 FOR 1) IS DISTINCT FROM B'0') OVER so_far AS "__from8",
        max(s."__n") FILTER (WHERE s."gone" OR substring(s."present" FROM 9 FOR 1) IS DISTINCT FROM B'0') OVER so_far AS "__from9",
        max(s."__n") FILTER (WHERE s."gone" OR substring(s."present" FROM 10 FOR 1) IS DISTINCT FROM B'0') OVER so_far AS "__from10",
        max(s."__n") FILTER (WHERE s."gone" OR substring(s."present" FROM 11 FOR 1) IS DISTINCT FROM B'0') OVER so_far AS "__from11",
        max(s."__n") FILTER (WHERE s."gone" OR substring(s."present" FROM 12 FOR 1) IS DISTINCT FROM B'0') OVER so_far AS "__from12"
    FROM (
        SELECT *, row_number() OVER (PARTITION BY "Id", "row_number" ORDER BY ctid)::int AS "__n"
        FROM "pg_temp"."staged"
    ) AS s
    WINDOW so_far AS (PARTITION BY s."Id", s."row_number" ORDER BY s."__n")
) AS s
WINDOW of_key AS (
    PARTITION BY s."Id", s."row_number" ORDER BY s."__n" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
)
ORDER BY s."Id", s."row_number", s."__n" DESC;

-- (deletes)
-- A tombstone deletes its row, also when a later record of this batch brings the key back: what comes then is a new
-- row, through which nothing of the old one shines. Unknown keys match nothing.
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."staged" AS s
WHERE s."gone"
  AND t."Id" = s."Id" AND t."row_number" = s."row_number";

-- (updates)
-- Rows that changed. Without a unique index, or with records that bring only some columns, there is nothing for ON
-- CONFLICT to go by. What a partial record lacks keeps the value that the row has when it is locked.
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = CASE WHEN substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0' THEN s."say ""hi""" ELSE t."say ""hi""" END,
    "excluded" = CASE WHEN substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0' THEN s."excluded" ELSE t."excluded" END,
    "s" = CASE WHEN substring(s."present" FROM 5 FOR 1) IS DISTINCT FROM B'0' THEN s."s" ELSE t."s" END,
    "t" = CASE WHEN substring(s."present" FROM 6 FOR 1) IS DISTINCT FROM B'0' THEN s."t" ELSE t."t" END,
    "🚚; --" = CASE WHEN substring(s."present" FROM 7 FOR 1) IS DISTINCT FROM B'0' THEN s."🚚; --" ELSE t."🚚; --" END,
    "_n" = CASE WHEN substring(s."present" FROM 8 FOR 1) IS DISTINCT FROM B'0' THEN s."_n" ELSE t."_n" END,
    "%s$1" = CASE WHEN substring(s."present" FROM 9 FOR 1) IS DISTINCT FROM B'0' THEN s."%s$1" ELSE t."%s$1" END,
    "_sdc_deleted_at" = CASE WHEN substring(s."present" FROM 10 FOR 1) IS DISTINCT FROM B'0' THEN s."_sdc_deleted_at" ELSE t."_sdc_deleted_at" END,
    "_sdc_extracted_at" = CASE WHEN substring(s."present" FROM 11 FOR 1) IS DISTINCT FROM B'0' THEN s."_sdc_extracted_at" ELSE t."_sdc_extracted_at" END,
    "_sdc_table_version" = greatest(t."_sdc_table_version", s."_sdc_table_version")
FROM "pg_temp"."staged_folded" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND NOT s."gone"
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
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version"
FROM "pg_temp"."staged_folded" AS s
WHERE NOT s."gone"
  AND NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
ORDER BY s."Id", s."row_number";

