-- (prepares)
-- fold: what several rows of one key amount to. Only where they do not simply replace one another: records that bring
-- some columns and not others (x-pipelinewise-record-update-mode: PATCH), and tombstones which keep the values before
-- them.
-- One row a key says what the whole batch makes of it.
CREATE TEMP TABLE "pg_temp"."staged_folded" ON COMMIT DROP AS
SELECT DISTINCT ON (s."Id", s."row_number")
    s."Id", s."row_number",
    nth_value(s."say ""hi""", s."__from3") OVER of_key AS "say ""hi""",
    nth_value(s."excluded", s."__from4") OVER of_key AS "excluded",
    nth_value(s."s", s."__from5") OVER of_key AS "s",
    nth_value(s."t", s."__from6") OVER of_key AS "t",
    nth_value(s."🚚; --", s."__from7") OVER of_key AS "🚚; --",
    nth_value(s."_n", s."__from8") OVER of_key AS "_n",
    nth_value(s."%s$1", s."__from9") OVER of_key AS "%s$1",
    CASE WHEN s."gone" THEN s."_sdc_deleted_at" ELSE coalesce(lead(s."_sdc_deleted_at") OVER of_key, nth_value(CASE WHEN NOT s."gone" THEN s."_sdc_deleted_at" END, s."__from10") OVER of_key) END AS "_sdc_deleted_at",
    nth_value(s."_sdc_extracted_at", s."__from11") OVER of_key AS "_sdc_extracted_at",
    nth_value(s."_sdc_table_version", s."__from12") OVER of_key AS "_sdc_table_version",
    (B'1'
        || B'1'
        || CASE WHEN s."__from3" IS NULL THEN B'0' ELSE B'1' END
        || CASE WHEN s."__from4" IS NULL THEN B'0' ELSE B'1' END
        || CASE WHEN s."__from5" IS NULL THEN B'0' ELSE B'1' END
        || CASE WHEN s."__from6" IS NULL THEN B'0' ELSE B'1' END
        || CASE WHEN s."__from7" IS NULL THEN B'0' ELSE B'1' END
        || CASE WHEN s."__from8" IS NULL THEN B'0' ELSE B'1' END
        || CASE WHEN s."__from9" IS NULL THEN B'0' ELSE B'1' END
        || CASE WHEN s."__from10" IS NULL AND lead(s."_sdc_deleted_at") OVER of_key IS NULL THEN B'0' ELSE B'1' END
        || CASE WHEN s."__from11" IS NULL THEN B'0' ELSE B'1' END
        || CASE WHEN s."__from12" IS NULL THEN B'0' ELSE B'1' END)::bit varying AS "present",
    coalesce(lead(true) OVER of_key, s."gone") AS "gone", -- what follows the last record is a tombstone
    s."gone" AS "__nothing_else" -- there is no record at all
FROM (
    -- For every row and column, which row of the key so far brought the column last.
    SELECT s.*,
        max(s."__n") FILTER (WHERE NOT s."gone" AND coalesce(substring(s."present" FROM 3 FOR 1) <> B'0', true)) OVER so_far AS "__from3",
        max(s."__n") FILTER (WHERE NOT s."gone" AND coalesce(substring(s."present" FROM 4 FOR 1) <> B'0', true)) OVER so_far AS "__from4",
        max(s."__n") FILTER (WHERE NOT s."gone" AND coalesce(substring(s."present" FROM 5 FOR 1) <> B'0', true)) OVER so_far AS "__from5",
        max(s."__n") FILTER (WHERE NOT s."gone" AND coalesce(substring(s."present" FROM 6 FOR 1) <> B'0', true)) OVER so_far AS "__from6",
        max(s."__n") FILTER (WHERE NOT s."gone" AND coalesce(substring(s."present" FROM 7 FOR 1) <> B'0', true)) OVER so_far AS "__from7",
        max(s."__n") FILTER (WHERE NOT s."gone" AND coalesce(substring(s."present" FROM 8 FOR 1) <> B'0', true)) OVER so_far AS "__from8",
        max(s."__n") FILTER (WHERE NOT s."gone" AND coalesce(substring(s."present" FROM 9 FOR 1) <> B'0', true)) OVER so_far AS "__from9",
        max(s."__n") FILTER (WHERE s."gone" OR coalesce(substring(s."present" FROM 10 FOR 1) <> B'0', true)) OVER so_far AS "__from10",
        max(s."__n") FILTER (WHERE NOT s."gone" AND coalesce(substring(s."present" FROM 11 FOR 1) <> B'0', true)) OVER so_far AS "__from11",
        max(s."__n") FILTER (WHERE NOT s."gone" AND coalesce(substring(s."present" FROM 12 FOR 1) <> B'0', true)) OVER so_far AS "__from12"
    FROM (
        SELECT *, row_number() OVER (PARTITION BY "Id", "row_number" ORDER BY ctid)::int AS "__n"
        FROM "pg_temp"."staged"
    ) AS s
    WINDOW so_far AS (PARTITION BY s."Id", s."row_number" ORDER BY s."__n")
) AS s
WINDOW of_key AS (
    PARTITION BY s."Id", s."row_number" ORDER BY s."__n" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
)
-- The last record, or where there is none the first tombstone.
ORDER BY s."Id", s."row_number", s."gone", CASE WHEN s."gone" THEN s."__n" ELSE -s."__n" END;

-- (prepares)
SET LOCAL search_path TO DEFAULT;

-- (updates)
-- Rows that changed or come back. Without a unique index, or with records that bring only some columns, there is
-- nothing for ON CONFLICT to go by. What a partial record lacks keeps the value that the row has when it is locked.
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = CASE WHEN coalesce(substring(s."present" FROM 3 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."say ""hi""" ELSE t."say ""hi""" END,
    "excluded" = CASE WHEN coalesce(substring(s."present" FROM 4 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."excluded" ELSE t."excluded" END,
    "s" = CASE WHEN coalesce(substring(s."present" FROM 5 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."s" ELSE t."s" END,
    "t" = CASE WHEN coalesce(substring(s."present" FROM 6 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."t" ELSE t."t" END,
    "🚚; --" = CASE WHEN coalesce(substring(s."present" FROM 7 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."🚚; --" ELSE t."🚚; --" END,
    "_n" = CASE WHEN coalesce(substring(s."present" FROM 8 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."_n" ELSE t."_n" END,
    "%s$1" = CASE WHEN coalesce(substring(s."present" FROM 9 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."%s$1" ELSE t."%s$1" END,
    "_sdc_deleted_at" = CASE WHEN coalesce(substring(s."present" FROM 10 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."_sdc_deleted_at" WHEN NOT t."deleted" THEN t."_sdc_deleted_at" END,
    "_sdc_extracted_at" = CASE WHEN coalesce(substring(s."present" FROM 11 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."_sdc_extracted_at" ELSE t."_sdc_extracted_at" END,
    "_sdc_table_version" = greatest(t."_sdc_table_version", s."_sdc_table_version"),
    "deleted" = s."gone"
FROM "pg_temp"."staged_folded" AS s
WHERE t."Id" OPERATOR(pg_catalog.=) s."Id" AND t."row_number" OPERATOR(pg_catalog.=) s."row_number"
  AND NOT s."__nothing_else"
  AND (t."deleted" OPERATOR(pg_catalog.<>) s."gone"
   OR NOT coalesce(t."say ""hi""" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 3 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."say ""hi""" ELSE t."say ""hi""" END, t."say ""hi""" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 3 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."say ""hi""" ELSE t."say ""hi""" END IS NULL)
   OR NOT coalesce(t."excluded" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 4 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."excluded" ELSE t."excluded" END, t."excluded" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 4 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."excluded" ELSE t."excluded" END IS NULL)
   OR NOT coalesce(t."s"::pg_catalog.text OPERATOR(pg_catalog.=) (CASE WHEN coalesce(substring(s."present" FROM 5 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."s" ELSE t."s" END)::pg_catalog.text, t."s"::pg_catalog.text IS NULL AND (CASE WHEN coalesce(substring(s."present" FROM 5 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."s" ELSE t."s" END)::pg_catalog.text IS NULL)
   OR NOT coalesce(t."t" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 6 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."t" ELSE t."t" END, t."t" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 6 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."t" ELSE t."t" END IS NULL)
   OR NOT coalesce(t."🚚; --" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 7 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."🚚; --" ELSE t."🚚; --" END, t."🚚; --" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 7 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."🚚; --" ELSE t."🚚; --" END IS NULL)
   OR NOT coalesce(t."_n" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 8 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."_n" ELSE t."_n" END, t."_n" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 8 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."_n" ELSE t."_n" END IS NULL)
   OR NOT coalesce(t."%s$1"::pg_catalog.text OPERATOR(pg_catalog.=) (CASE WHEN coalesce(substring(s."present" FROM 9 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."%s$1" ELSE t."%s$1" END)::pg_catalog.text, t."%s$1"::pg_catalog.text IS NULL AND (CASE WHEN coalesce(substring(s."present" FROM 9 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."%s$1" ELSE t."%s$1" END)::pg_catalog.text IS NULL)
   OR NOT coalesce(t."_sdc_deleted_at" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 10 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."_sdc_deleted_at" WHEN NOT t."deleted" THEN t."_sdc_deleted_at" END, t."_sdc_deleted_at" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 10 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."_sdc_deleted_at" WHEN NOT t."deleted" THEN t."_sdc_deleted_at" END IS NULL)
   OR NOT coalesce(t."_sdc_table_version" OPERATOR(pg_catalog.=) greatest(t."_sdc_table_version", s."_sdc_table_version"), t."_sdc_table_version" IS NULL AND greatest(t."_sdc_table_version", s."_sdc_table_version") IS NULL));

-- (inserts)
-- Rows that are new. Another loader may have inserted one meanwhile; then a unique index refuses ours, and the next
-- attempt finds it.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version", "deleted")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version", s."gone"
FROM "pg_temp"."staged_folded" AS s
WHERE NOT s."__nothing_else"
  AND NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" OPERATOR(pg_catalog.=) s."Id" AND t."row_number" OPERATOR(pg_catalog.=) s."row_number")
ORDER BY s."Id", s."row_number";

-- (deletes)
-- Tombstones of keys that this batch has no record of: the mark is set, and nothing but the source's own delete marks
-- is taken from them, and their order where there is one. Rows that are marked already stay as they are, but for the order;
-- unknown keys match nothing.
UPDATE "public"."a ""target""" AS t
SET "_sdc_deleted_at" = coalesce(s."_sdc_deleted_at", t."_sdc_deleted_at"),
    "deleted" = true
FROM "pg_temp"."staged_folded" AS s
WHERE t."Id" OPERATOR(pg_catalog.=) s."Id" AND t."row_number" OPERATOR(pg_catalog.=) s."row_number"
  AND s."__nothing_else"
  AND NOT t."deleted";

-- (prepares)
SET LOCAL search_path TO pg_catalog, pg_temp;

