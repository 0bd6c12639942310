-- (prepares)
-- 1. What changes: of every key that the batch has news about, the versions that they may touch, then the records that
-- differ from what is before them and the tombstones of what is alive. Each lasts up to the next one.
CREATE TEMP TABLE "pg_temp"."staged_changes" ON COMMIT DROP AS
WITH news AS (
    -- Records of keys of which one differs from the active version or finds none, and tombstones that find one.
    SELECT *
    FROM (
        SELECT s.*, bool_or(CASE WHEN s."gone" THEN s."__known" ELSE s."__differs" OR s."__told" END) OVER (PARTITION BY s."Id", s."row_number") AS "__news"
        FROM (
            SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", greatest(l."_sdc_table_version", s."_sdc_table_version") AS "_sdc_table_version", s."present", false AS "gone", s."at",
                s.ctid AS "__place", l.tableoid IS NOT NULL AS "__known",
                l.tableoid IS NULL
                OR l."say ""hi""" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0' THEN s."say ""hi""" ELSE l."say ""hi""" END
                OR l."excluded" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0' THEN s."excluded" ELSE l."excluded" END
                OR l."s"::text IS DISTINCT FROM (CASE WHEN substring(s."present" FROM 5 FOR 1) IS DISTINCT FROM B'0' THEN s."s" ELSE l."s" END)::text
                OR l."t" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 6 FOR 1) IS DISTINCT FROM B'0' THEN s."t" ELSE l."t" END
                OR l."🚚; --" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 7 FOR 1) IS DISTINCT FROM B'0' THEN s."🚚; --" ELSE l."🚚; --" END
                OR l."_n" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 8 FOR 1) IS DISTINCT FROM B'0' THEN s."_n" ELSE l."_n" END
                OR l."%s$1"::text IS DISTINCT FROM (CASE WHEN substring(s."present" FROM 9 FOR 1) IS DISTINCT FROM B'0' THEN s."%s$1" ELSE l."%s$1" END)::text AS "__differs", (l."_sdc_table_version" IS DISTINCT FROM greatest(l."_sdc_table_version", s."_sdc_table_version")) AS "__told"
            FROM "pg_temp"."staged" AS s
            LEFT JOIN "public"."a ""target""" AS l ON l."Id" = s."Id" AND l."row_number" = s."row_number" AND l."active"
        ) AS s
    ) AS s
    WHERE s."__news"
)
SELECT s."Id",
    s."row_number",
    s."say ""hi""",
    s."excluded",
    s."s",
    s."t",
    s."🚚; --",
    s."_n",
    s."%s$1",
    s."_sdc_deleted_at",
    s."_sdc_extracted_at",
    CASE WHEN s."gone" THEN s."_sdc_table_version" WHEN lead(true) OVER of_key THEN lead(s."__before12") OVER of_key ELSE s."__last12" END AS "_sdc_table_version",
    s."gone", s."__n", s."start", s."__part", s."__place",
    s."__at", coalesce(s."end", lead(s."__at") OVER of_key) AS "__upto",
    lag(s."__at", 2) OVER of_key = s."__at"
    OR lead(s."__at", 2) OVER of_key = s."__at"
    OR lag(s."__at") OVER of_key = s."__at" AND (lag(s."gone") OVER of_key OR lead(s."__at") OVER of_key = s."__at")
    OR s."gone" AND lead(s."__at") OVER of_key = s."__at" AS "__brief"
FROM (
    SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version", s."gone", s."start", s."end", s."__part", s."__place",
        row_number() OVER so_far AS "__n",
        coalesce(s."start", greatest(coalesce(s."at", now()), s."__bound")) AS "__at",
        NOT coalesce(lag(s."gone") OVER so_far, true) AS "__alive",
        (lag(s."say ""hi""") OVER so_far IS DISTINCT FROM s."say ""hi"""
        OR lag(s."excluded") OVER so_far IS DISTINCT FROM s."excluded"
        OR lag(s."s"::text) OVER so_far IS DISTINCT FROM s."s"::text
        OR lag(s."t") OVER so_far IS DISTINCT FROM s."t"
        OR lag(s."🚚; --") OVER so_far IS DISTINCT FROM s."🚚; --"
        OR lag(s."_n") OVER so_far IS DISTINCT FROM s."_n"
        OR lag(s."%s$1"::text) OVER so_far IS DISTINCT FROM s."%s$1"::text) AS "__differs",
        lag(s."_sdc_table_version") OVER so_far AS "__before12",
        last_value(s."_sdc_table_version") OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "__last12"
    FROM (
        SELECT s."Id",
            s."row_number",
            CASE WHEN s."start" IS NULL THEN nth_value(CASE WHEN NOT s."gone" THEN s."say ""hi""" END, s."__from3") OVER of_key ELSE s."say ""hi""" END AS "say ""hi""",
            CASE WHEN s."start" IS NULL THEN nth_value(CASE WHEN NOT s."gone" THEN s."excluded" END, s."__from4") OVER of_key ELSE s."excluded" END AS "excluded",
            CASE WHEN s."start" IS NULL THEN nth_value(CASE WHEN NOT s."gone" THEN s."s" END, s."__from5") OVER of_key ELSE s."s" END AS "s",
            CASE WHEN s."start" IS NULL THEN nth_value(CASE WHEN NOT s."gone" THEN s."t" END, s."__from6") OVER of_key ELSE s."t" END AS "t",
            CASE WHEN s."start" IS NULL THEN nth_value(CASE WHEN NOT s."gone" THEN s."🚚; --" END, s."__from7") OVER of_key ELSE s."🚚; --" END AS "🚚; --",
            CASE WHEN s."start" IS NULL THEN pg_catalog.jsonb_set(s."_n", '{changes}', coalesce(s."_n" -> 'changes', '[]') || CASE WHEN substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0' THEN '[]' ELSE CASE WHEN nth_value(NOT s."gone", s."__from3") OVER of_key THEN coalesce(pg_catalog.jsonb_path_query_array(nth_value(s."_n", s."__from3") OVER of_key, '$.changes[*] ? (@.field == "it''s")'), '[]') ELSE '[{"change":"NULLED","field":"it''s","reason":"SOURCE_RETRIEVAL_ERROR"}]'::pg_catalog.jsonb END END || CASE WHEN substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0' THEN '[]' ELSE CASE WHEN nth_value(NOT s."gone", s."__from4") OVER of_key THEN coalesce(pg_catalog.jsonb_path_query_array(nth_value(s."_n", s."__from4") OVER of_key, E'$.changes[*] ? (@.field == "b\\\\s")'), '[]') ELSE E'[{"change":"NULLED","field":"b\\\\s","reason":"SOURCE_RETRIEVAL_ERROR"}]'::pg_catalog.jsonb END END || CASE WHEN substring(s."present" FROM 5 FOR 1) IS DISTINCT FROM B'0' THEN '[]' ELSE CASE WHEN nth_value(NOT s."gone", s."__from5") OVER of_key THEN coalesce(pg_catalog.jsonb_path_query_array(nth_value(s."_n", s."__from5") OVER of_key, '$.changes[*] ? (@.field == "excluded")'), '[]') ELSE '[{"change":"NULLED","field":"excluded","reason":"SOURCE_RETRIEVAL_ERROR"}]'::pg_catalog.jsonb END END) ELSE s."_n" END AS "_n",
            CASE WHEN s."start" IS NULL THEN nth_value(CASE WHEN NOT s."gone" THEN s."%s$1" END, s."__from9") OVER of_key ELSE s."%s$1" END AS "%s$1",
            CASE WHEN s."start" IS NULL THEN nth_value(CASE WHEN NOT s."gone" THEN s."_sdc_deleted_at" END, s."__from10") OVER of_key ELSE s."_sdc_deleted_at" END AS "_sdc_deleted_at",
            CASE WHEN s."start" IS NULL THEN nth_value(CASE WHEN NOT s."gone" THEN s."_sdc_extracted_at" END, s."__from11") OVER of_key ELSE s."_sdc_extracted_at" END AS "_sdc_extracted_at",
            CASE WHEN s."start" IS NULL THEN nth_value(CASE WHEN NOT s."gone" THEN s."_sdc_table_version" END, s."__from12") OVER of_key ELSE s."_sdc_table_version" END AS "_sdc_table_version",
            s."gone", s."start", s."end", s."__part", s."__place",
            s."at", s."__bound", s."__differs"
        FROM (
            -- For every row and column, which row of the key so far brought the column last.
    SELECT s.*,
        max(s."__n") FILTER (WHERE CASE WHEN s."gone" THEN s."start" IS NULL ELSE substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0' END) OVER so_far AS "__from3",
        max(s."__n") FILTER (WHERE CASE WHEN s."gone" THEN s."start" IS NULL ELSE substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0' END) OVER so_far AS "__from4",
        max(s."__n") FILTER (WHERE CASE WHEN s."gone" THEN s."start" IS NULL ELSE substring(s."present" FROM 5 FOR 1) IS DISTINCT FROM B'0' END) OVER so_far AS "__from5",
        max(s."__n") FILTER (WHERE CASE WHEN s."gone" THEN s."start" IS NULL ELSE substring(s."present" FROM 6 FOR 1) IS DISTINCT FROM B'0' END) OVER so_far AS "__from6",
        max(s."__n") FILTER (WHERE CASE WHEN s."gone" THEN s."start" IS NULL ELSE substring(s."present" FROM 7 FOR 1) IS DISTINCT FROM B'0' END) OVER so_far AS "__from7",
        max(s."__n") FILTER (WHERE CASE WHEN s."gone" THEN s."start" IS NULL ELSE substring(s."present" FROM 8 FOR 1) IS DISTINCT FROM B'0' END) OVER so_far AS "__from8",
        max(s."__n") FILTER (WHERE CASE WHEN s."gone" THEN s."start" IS NULL ELSE substring(s."present" FROM 9 FOR 1) IS DISTINCT FROM B'0' END) OVER so_far AS "__from9",
        max(s."__n") FILTER (WHERE CASE WHEN s."gone" THEN s."start" IS NULL ELSE substring(s."present" FROM 10 FOR 1) IS DISTINCT FROM B'0' END) OVER so_far AS "__from10",
        max(s."__n") FILTER (WHERE CASE WHEN s."gone" THEN s."start" IS NULL ELSE substring(s."present" FROM 11 FOR 1) IS DISTINCT FROM B'0' END) OVER so_far AS "__from11",
        max(s."__n") FILTER (WHERE CASE WHEN s."gone" THEN s."start" IS NULL ELSE substring(s."present" FROM 12 FOR 1) IS DISTINCT FROM B'0' END) OVER so_far AS "__from12"
    FROM (
        SELECT *, row_number() OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place")::int AS "__n"
        FROM (
        SELECT *
        FROM (
            SELECT *, max(greatest(s."start", s."end")) OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place") AS "__bound"
            FROM (
                SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version", s."present", s."gone", s."__differs", s."at",
                    NULL AS "start", NULL AS "end", NULL AS "__part", s."__place"
                FROM news AS s
                UNION ALL
                SELECT v."Id", v."row_number", v."say ""hi""", v."excluded", v."s", v."t", v."🚚; --", v."_n", v."%s$1", v."_sdc_deleted_at", v."_sdc_extracted_at", v."_sdc_table_version", NULL, NOT v."active", false, NULL,
                    v."start", v."end", v.tableoid, v.ctid
                FROM (
                    SELECT s."Id", s."row_number", min(coalesce(s."at", now())) AS "__since", bool_or(s."gone") AS "gone"
                    FROM news AS s
                    GROUP BY s."Id", s."row_number"
                ) AS s
                JOIN "public"."a ""target""" AS v ON v."Id" = s."Id" AND v."row_number" = s."row_number"
                WHERE (v."active"
                   OR v."end" >= s."__since")
            ) AS s
        ) AS s
        -- Late records that equal the version of their instant are dropped, and so are late tombstones.
        WHERE (s."at" < s."__bound" AND s."gone") IS NOT TRUE
          AND NOT EXISTS (
            SELECT FROM "public"."a ""target""" AS v
            WHERE v."Id" = s."Id" AND v."row_number" = s."row_number"
              AND NOT s."gone"
              AND s."at" < s."__bound"
              AND v."start" <= s."at"
              AND (v."end" > s."at" OR v."end" IS NULL OR v."start" = s."at")
              AND NOT (v."say ""hi""" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0' THEN s."say ""hi""" ELSE v."say ""hi""" END
                OR v."excluded" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0' THEN s."excluded" ELSE v."excluded" END
                OR v."s"::text IS DISTINCT FROM (CASE WHEN substring(s."present" FROM 5 FOR 1) IS DISTINCT FROM B'0' THEN s."s" ELSE v."s" END)::text
                OR v."t" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 6 FOR 1) IS DISTINCT FROM B'0' THEN s."t" ELSE v."t" END
                OR v."🚚; --" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 7 FOR 1) IS DISTINCT FROM B'0' THEN s."🚚; --" ELSE v."🚚; --" END
                OR v."_n" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 8 FOR 1) IS DISTINCT FROM B'0' THEN s."_n" ELSE v."_n" END
                OR v."%s$1"::text IS DISTINCT FROM (CASE WHEN substring(s."present" FROM 9 FOR 1) IS DISTINCT FROM B'0' THEN s."%s$1" ELSE v."%s$1" END)::text)
          )
    ) AS s
    ) AS s
    WINDOW so_far AS (PARTITION BY s."Id", s."row_number" ORDER BY s."__n")
        ) AS s
        WINDOW of_key AS (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    ) AS s
    WINDOW so_far AS (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place")
) AS s
WHERE s."start" IS NOT NULL
   OR CASE WHEN s."gone" THEN s."__alive" ELSE NOT s."__alive" OR s."__differs" END
WINDOW of_key AS (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place");

-- (prepares)
-- 2. Of equal versions that start at one instant the last stands for all, in the row of one that is in the table: the key
-- went away from it and came back.
WITH same AS (
    SELECT c.ctid AS change, row_number() OVER latest AS nth,
        first_value(c."__part") OVER stored AS part, first_value(c."__place") OVER stored AS place
    FROM "pg_temp"."staged_changes" AS c
    WHERE c."__brief"
      AND (c."start" IS NOT NULL OR NOT c."gone")
    WINDOW latest AS (PARTITION BY c."Id", c."row_number", c."__at", c."say ""hi""", c."excluded", c."s"::text, c."t", c."🚚; --", c."_n", c."%s$1"::text ORDER BY c."__n" DESC),
        stored AS (PARTITION BY c."Id", c."row_number", c."__at", c."say ""hi""", c."excluded", c."s"::text, c."t", c."🚚; --", c."_n", c."%s$1"::text ORDER BY c."start" IS NULL, c."__n" DESC)
), others AS (
    DELETE FROM "pg_temp"."staged_changes" AS c
    USING same
    WHERE same.nth > 1
      AND c.ctid = same.change
)
UPDATE "pg_temp"."staged_changes" AS c
SET "__part" = same.part,
    "__place" = same.place
FROM same
WHERE same.nth = 1
  AND same.part IS NOT NULL
  AND c.ctid = same.change
  AND c."start" IS NULL;

-- (updates)
-- 3. Versions that end, or of which a record tells what makes no version.
UPDATE "public"."a ""target""" AS t
SET "end" = c."__upto",
    "active" = c."__upto" IS NULL, "_sdc_table_version" = greatest(t."_sdc_table_version", c."_sdc_table_version")
FROM "pg_temp"."staged_changes" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND c."start" IS NOT NULL
  AND NOT c."gone"
  AND t."active"
  AND (c."__upto" IS NOT NULL OR (t."_sdc_table_version" IS DISTINCT FROM greatest(t."_sdc_table_version", c."_sdc_table_version")));

-- (updates)
-- 4. Versions of no length that come back, the one that is active now after the others.
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = c."say ""hi""",
    "excluded" = c."excluded",
    "s" = c."s",
    "t" = c."t",
    "🚚; --" = c."🚚; --",
    "_n" = c."_n",
    "%s$1" = c."%s$1",
    "_sdc_deleted_at" = c."_sdc_deleted_at",
    "_sdc_extracted_at" = c."_sdc_extracted_at",
    "_sdc_table_version" = c."_sdc_table_version",
    "end" = c."__upto",
    "active" = c."__upto" IS NULL
FROM "pg_temp"."staged_changes" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND t.ctid = c."__place"
  AND t.tableoid = c."__part"
  AND c."start" IS NULL
  AND c."__part" IS NOT NULL
  AND c."__upto" IS NOT NULL;

-- (updates)
-- 4. Versions of no length that come back, the one that is active now after the others.
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = c."say ""hi""",
    "excluded" = c."excluded",
    "s" = c."s",
    "t" = c."t",
    "🚚; --" = c."🚚; --",
    "_n" = c."_n",
    "%s$1" = c."%s$1",
    "_sdc_deleted_at" = c."_sdc_deleted_at",
    "_sdc_extracted_at" = c."_sdc_extracted_at",
    "_sdc_table_version" = c."_sdc_table_version",
    "end" = c."__upto",
    "active" = c."__upto" IS NULL
FROM "pg_temp"."staged_changes" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND t.ctid = c."__place"
  AND t.tableoid = c."__part"
  AND c."start" IS NULL
  AND c."__part" IS NOT NULL
  AND c."__upto" IS NULL;

-- (inserts)
-- 5. All others start as new rows.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version", "start", "end", "active")
SELECT c."Id", c."row_number", c."say ""hi""", c."excluded", c."s", c."t", c."🚚; --", c."_n", c."%s$1", c."_sdc_deleted_at", c."_sdc_extracted_at", c."_sdc_table_version", c."__at", c."__upto", c."__upto" IS NULL
FROM "pg_temp"."staged_changes" AS c
WHERE c."__part" IS NULL
  AND (c."start" IS NOT NULL OR NOT c."gone")
ORDER BY c."Id", c."row_number", c."__n";

