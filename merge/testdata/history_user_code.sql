-- (prepares)
SET LOCAL search_path TO DEFAULT;

-- (prepares)
-- 1. What changes: of every key that the batch has news about, the versions that they may touch, then the records that
-- differ from what is before them and the tombstones of what is alive. Each lasts up to the next one.
CREATE TEMP TABLE "pg_temp"."staged_changes" ON COMMIT DROP AS
WITH news AS (
    -- Records of keys of which one differs from the active version or finds none, and tombstones that find one.
    SELECT *
    FROM (
        SELECT s.*, pg_catalog.bool_or(CASE WHEN s."gone" THEN s."__known" ELSE s."__differs" OR s."__told" END) OVER (PARTITION BY s."Id", s."row_number") AS "__news"
        FROM (
            SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", CASE WHEN pg_catalog.bool_or(s."gone" AND (s."at" OPERATOR(pg_catalog.<) l."start") IS NOT TRUE) OVER (PARTITION BY s."Id", s."row_number" ORDER BY s.ctid) THEN s."_sdc_table_version" ELSE greatest(l."_sdc_table_version", s."_sdc_table_version") END AS "_sdc_table_version", s."present", s."gone", s."at",
                s.ctid AS "__place", l.tableoid IS NOT NULL AS "__known",
                l.tableoid IS NULL
                OR NOT coalesce(l."say ""hi""" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 3 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."say ""hi""" ELSE l."say ""hi""" END, l."say ""hi""" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 3 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."say ""hi""" ELSE l."say ""hi""" END IS NULL)
                OR NOT coalesce(l."excluded" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 4 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."excluded" ELSE l."excluded" END, l."excluded" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 4 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."excluded" ELSE l."excluded" END IS NULL)
                OR NOT coalesce(l."s"::pg_catalog.text OPERATOR(pg_catalog.=) (CASE WHEN coalesce(substring(s."present" FROM 5 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."s" ELSE l."s" END)::pg_catalog.text, l."s"::pg_catalog.text IS NULL AND (CASE WHEN coalesce(substring(s."present" FROM 5 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."s" ELSE l."s" END)::pg_catalog.text IS NULL)
                OR NOT coalesce(l."t" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 6 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."t" ELSE l."t" END, l."t" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 6 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."t" ELSE l."t" END IS NULL)
                OR NOT coalesce(l."🚚; --" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 7 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."🚚; --" ELSE l."🚚; --" END, l."🚚; --" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 7 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."🚚; --" ELSE l."🚚; --" END IS NULL)
                OR NOT coalesce(l."_n" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 8 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."_n" ELSE l."_n" END, l."_n" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 8 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."_n" ELSE l."_n" END IS NULL)
                OR NOT coalesce(l."%s$1"::pg_catalog.text OPERATOR(pg_catalog.=) (CASE WHEN coalesce(substring(s."present" FROM 9 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."%s$1" ELSE l."%s$1" END)::pg_catalog.text, l."%s$1"::pg_catalog.text IS NULL AND (CASE WHEN coalesce(substring(s."present" FROM 9 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."%s$1" ELSE l."%s$1" END)::pg_catalog.text IS NULL) AS "__differs", (NOT coalesce(l."_sdc_table_version" OPERATOR(pg_catalog.=) greatest(l."_sdc_table_version", s."_sdc_table_version"), l."_sdc_table_version" IS NULL AND greatest(l."_sdc_table_version", s."_sdc_table_version") IS NULL)) AS "__told"
            FROM "pg_temp"."staged" AS s
            LEFT JOIN "public"."a ""target""" AS l ON l."Id" OPERATOR(pg_catalog.=) s."Id" AND l."row_number" OPERATOR(pg_catalog.=) s."row_number" AND l."active"
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
    CASE WHEN s."gone" THEN s."_sdc_table_version" WHEN pg_catalog.lead(true) OVER of_key THEN pg_catalog.lead(s."__before12") OVER of_key ELSE s."__last12" END AS "_sdc_table_version",
    s."gone", s."__n", s."start", s."__part", s."__place",
    s."__at", coalesce(s."end", pg_catalog.lead(s."__at") OVER of_key) AS "__upto",
    pg_catalog.lag(s."__at", 2) OVER of_key OPERATOR(pg_catalog.=) s."__at"
    OR pg_catalog.lead(s."__at", 2) OVER of_key OPERATOR(pg_catalog.=) s."__at"
    OR pg_catalog.lag(s."__at") OVER of_key OPERATOR(pg_catalog.=) s."__at" AND (pg_catalog.lag(s."gone") OVER of_key OR pg_catalog.lead(s."__at") OVER of_key OPERATOR(pg_catalog.=) s."__at")
    OR s."gone" AND pg_catalog.lead(s."__at") OVER of_key OPERATOR(pg_catalog.=) s."__at" AS "__brief"
FROM (
    SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version", s."gone", s."start", s."end", s."__part", s."__place",
        pg_catalog.row_number() OVER so_far AS "__n",
        coalesce(s."start", greatest(coalesce(s."at", pg_catalog.now()), s."__bound")) AS "__at",
        NOT coalesce(pg_catalog.lag(s."gone") OVER so_far, true) AS "__alive",
        (NOT coalesce(pg_catalog.lag(s."say ""hi""") OVER so_far OPERATOR(pg_catalog.=) s."say ""hi""", pg_catalog.lag(s."say ""hi""") OVER so_far IS NULL AND s."say ""hi""" IS NULL)
        OR NOT coalesce(pg_catalog.lag(s."excluded") OVER so_far OPERATOR(pg_catalog.=) s."excluded", pg_catalog.lag(s."excluded") OVER so_far IS NULL AND s."excluded" IS NULL)
        OR NOT coalesce(pg_catalog.lag(s."s"::pg_catalog.text) OVER so_far OPERATOR(pg_catalog.=) s."s"::pg_catalog.text, pg_catalog.lag(s."s"::pg_catalog.text) OVER so_far IS NULL AND s."s"::pg_catalog.text IS NULL)
        OR NOT coalesce(pg_catalog.lag(s."t") OVER so_far OPERATOR(pg_catalog.=) s."t", pg_catalog.lag(s."t") OVER so_far IS NULL AND s."t" IS NULL)
        OR NOT coalesce(pg_catalog.lag(s."🚚; --") OVER so_far OPERATOR(pg_catalog.=) s."🚚; --", pg_catalog.lag(s."🚚; --") OVER so_far IS NULL AND s."🚚; --" IS NULL)
        OR NOT coalesce(pg_catalog.lag(s."_n") OVER so_far OPERATOR(pg_catalog.=) s."_n", pg_catalog.lag(s."_n") OVER so_far IS NULL AND s."_n" IS NULL)
        OR NOT coalesce(pg_catalog.lag(s."%s$1"::pg_catalog.text) OVER so_far OPERATOR(pg_catalog.=) s."%s$1"::pg_catalog.text, pg_catalog.lag(s."%s$1"::pg_catalog.text) OVER so_far IS NULL AND s."%s$1"::pg_catalog.text IS NULL)) AS "__differs",
        pg_catalog.lag(s."_sdc_table_version") OVER so_far AS "__before12",
        pg_catalog.last_value(s."_sdc_table_version") OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "__last12"
    FROM (
        SELECT s."Id",
            s."row_number",
            CASE WHEN s."start" IS NULL THEN pg_catalog.nth_value(CASE WHEN NOT s."gone" THEN s."say ""hi""" END, s."__from3") OVER of_key ELSE s."say ""hi""" END AS "say ""hi""",
            CASE WHEN s."start" IS NULL THEN pg_catalog.nth_value(CASE WHEN NOT s."gone" THEN s."excluded" END, s."__from4") OVER of_key ELSE s."excluded" END AS "excluded",
            CASE WHEN s."start" IS NULL THEN pg_catalog.nth_value(CASE WHEN NOT s."gone" THEN s."s" END, s."__from5") OVER of_key ELSE s."s" END AS "s",
            CASE WHEN s."start" IS NULL THEN pg_catalog.nth_value(CASE WHEN NOT s."gone" THEN s."t" END, s."__from6") OVER of_key ELSE s."t" END AS "t",
            CASE WHEN s."start" IS NULL THEN pg_catalog.nth_value(CASE WHEN NOT s."gone" THEN s."🚚; --" END, s."__from7") OVER of_key ELSE s."🚚; --" END AS "🚚; --",
            CASE WHEN s."start" IS NULL THEN pg_catalog.nth_value(CASE WHEN NOT s."gone" THEN s."_n" END, s."__from8") OVER of_key ELSE s."_n" END AS "_n",
            CASE WHEN s."start" IS NULL THEN pg_catalog.nth_value(CASE WHEN NOT s."gone" THEN s."%s$1" END, s."__from9") OVER of_key ELSE s."%s$1" END AS "%s$1",
            CASE WHEN s."start" IS NULL THEN pg_catalog.nth_value(CASE WHEN NOT s."gone" THEN s."_sdc_deleted_at" END, s."__from10") OVER of_key ELSE s."_sdc_deleted_at" END AS "_sdc_deleted_at",
            CASE WHEN s."start" IS NULL THEN pg_catalog.nth_value(CASE WHEN NOT s."gone" THEN s."_sdc_extracted_at" END, s."__from11") OVER of_key ELSE s."_sdc_extracted_at" END AS "_sdc_extracted_at",
            CASE WHEN s."start" IS NULL THEN pg_catalog.nth_value(CASE WHEN NOT s."gone" THEN s."_sdc_table_version" END, s."__from12") OVER of_key ELSE s."_sdc_table_version" END AS "_sdc_table_version",
            s."gone", s."start", s."end", s."__part", s."__place",
            s."at", s."__bound", s."__differs"
        FROM (
            -- For every row and column, which row of the key so far brought the column last.
    SELECT s.*,
        pg_catalog.max(s."__n") FILTER (WHERE CASE WHEN s."gone" THEN s."start" IS NULL ELSE coalesce(substring(s."present" FROM 3 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) END) OVER so_far AS "__from3",
        pg_catalog.max(s."__n") FILTER (WHERE CASE WHEN s."gone" THEN s."start" IS NULL ELSE coalesce(substring(s."present" FROM 4 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) END) OVER so_far AS "__from4",
        pg_catalog.max(s."__n") FILTER (WHERE CASE WHEN s."gone" THEN s."start" IS NULL ELSE coalesce(substring(s."present" FROM 5 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) END) OVER so_far AS "__from5",
        pg_catalog.max(s."__n") FILTER (WHERE CASE WHEN s."gone" THEN s."start" IS NULL ELSE coalesce(substring(s."present" FROM 6 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) END) OVER so_far AS "__from6",
        pg_catalog.max(s."__n") FILTER (WHERE CASE WHEN s."gone" THEN s."start" IS NULL ELSE coalesce(substring(s."present" FROM 7 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) END) OVER so_far AS "__from7",
        pg_catalog.max(s."__n") FILTER (WHERE CASE WHEN s."gone" THEN s."start" IS NULL ELSE coalesce(substring(s."present" FROM 8 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) END) OVER so_far AS "__from8",
        pg_catalog.max(s."__n") FILTER (WHERE CASE WHEN s."gone" THEN s."start" IS NULL ELSE coalesce(substring(s."present" FROM 9 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) END) OVER so_far AS "__from9",
        pg_catalog.max(s."__n") FILTER (WHERE CASE WHEN s."gone" THEN s."start" IS NULL ELSE coalesce(substring(s."present" FROM 10 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) END) OVER so_far AS "__from10",
        pg_catalog.max(s."__n") FILTER (WHERE CASE WHEN s."gone" THEN s."start" IS NULL ELSE coalesce(substring(s."present" FROM 11 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) END) OVER so_far AS "__from11",
        pg_catalog.max(s."__n") FILTER (WHERE CASE WHEN s."gone" THEN s."start" IS NULL ELSE coalesce(substring(s."present" FROM 12 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) END) OVER so_far AS "__from12"
    FROM (
        SELECT *, pg_catalog.row_number() OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place")::int AS "__n"
        FROM (
        SELECT *
        FROM (
            SELECT *, pg_catalog.max(greatest(s."start", s."end")) OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place") AS "__bound"
            FROM (
                SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version", s."present", s."gone", s."__differs", s."at",
                    NULL AS "start", NULL AS "end", NULL AS "__part", s."__place"
                FROM news AS s
                UNION ALL
                SELECT v."Id", v."row_number", v."say ""hi""", v."excluded", v."s", v."t", v."🚚; --", v."_n", v."%s$1", v."_sdc_deleted_at", v."_sdc_extracted_at", v."_sdc_table_version", NULL, NOT v."active", false, NULL,
                    v."start", v."end", v.tableoid, v.ctid
                FROM (
                    SELECT s."Id", s."row_number", pg_catalog.min(coalesce(s."at", pg_catalog.now())) AS "__since", pg_catalog.bool_or(s."gone") AS "gone"
                    FROM news AS s
                    GROUP BY s."Id", s."row_number"
                ) AS s
                JOIN "public"."a ""target""" AS v ON v."Id" OPERATOR(pg_catalog.=) s."Id" AND v."row_number" OPERATOR(pg_catalog.=) s."row_number"
                WHERE (v."active"
                   OR v."end" OPERATOR(pg_catalog.>=) s."__since")
            ) AS s
        ) AS s
        -- Late records that equal the version of their instant are dropped, and so are late tombstones.
        WHERE (s."at" OPERATOR(pg_catalog.<) s."__bound" AND s."gone") IS NOT TRUE
          AND NOT EXISTS (
            SELECT FROM "public"."a ""target""" AS v
            WHERE v."Id" OPERATOR(pg_catalog.=) s."Id" AND v."row_number" OPERATOR(pg_catalog.=) s."row_number"
              AND NOT s."gone"
              AND s."at" OPERATOR(pg_catalog.<) s."__bound"
              AND v."start" OPERATOR(pg_catalog.<=) s."at"
              AND (v."end" OPERATOR(pg_catalog.>) s."at" OR v."end" IS NULL OR v."start" OPERATOR(pg_catalog.=) s."at")
              AND NOT (NOT coalesce(v."say ""hi""" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 3 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."say ""hi""" ELSE v."say ""hi""" END, v."say ""hi""" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 3 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."say ""hi""" ELSE v."say ""hi""" END IS NULL)
                OR NOT coalesce(v."excluded" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 4 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."excluded" ELSE v."excluded" END, v."excluded" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 4 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."excluded" ELSE v."excluded" END IS NULL)
                OR NOT coalesce(v."s"::pg_catalog.text OPERATOR(pg_catalog.=) (CASE WHEN coalesce(substring(s."present" FROM 5 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."s" ELSE v."s" END)::pg_catalog.text, v."s"::pg_catalog.text IS NULL AND (CASE WHEN coalesce(substring(s."present" FROM 5 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."s" ELSE v."s" END)::pg_catalog.text IS NULL)
                OR NOT coalesce(v."t" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 6 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."t" ELSE v."t" END, v."t" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 6 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."t" ELSE v."t" END IS NULL)
                OR NOT coalesce(v."🚚; --" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 7 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."🚚; --" ELSE v."🚚; --" END, v."🚚; --" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 7 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."🚚; --" ELSE v."🚚; --" END IS NULL)
                OR NOT coalesce(v."_n" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 8 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."_n" ELSE v."_n" END, v."_n" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 8 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."_n" ELSE v."_n" END IS NULL)
                OR NOT coalesce(v."%s$1"::pg_catalog.text OPERATOR(pg_catalog.=) (CASE WHEN coalesce(substring(s."present" FROM 9 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."%s$1" ELSE v."%s$1" END)::pg_catalog.text, v."%s$1"::pg_catalog.text IS NULL AND (CASE WHEN coalesce(substring(s."present" FROM 9 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."%s$1" ELSE v."%s$1" END)::pg_catalog.text IS NULL))
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
SET LOCAL search_path TO pg_catalog, pg_temp;

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

-- (prepares)
SET LOCAL search_path TO DEFAULT;

-- (updates)
-- 3. Versions that end, or of which a record tells what makes no version.
UPDATE "public"."a ""target""" AS t
SET "end" = c."__upto",
    "active" = c."__upto" IS NULL, "_sdc_table_version" = greatest(t."_sdc_table_version", c."_sdc_table_version")
FROM "pg_temp"."staged_changes" AS c
WHERE t."Id" OPERATOR(pg_catalog.=) c."Id" AND t."row_number" OPERATOR(pg_catalog.=) c."row_number"
  AND c."start" IS NOT NULL
  AND NOT c."gone"
  AND t."active"
  AND (c."__upto" IS NOT NULL OR (NOT coalesce(t."_sdc_table_version" OPERATOR(pg_catalog.=) greatest(t."_sdc_table_version", c."_sdc_table_version"), t."_sdc_table_version" IS NULL AND greatest(t."_sdc_table_version", c."_sdc_table_version") IS NULL)));

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
WHERE t."Id" OPERATOR(pg_catalog.=) c."Id" AND t."row_number" OPERATOR(pg_catalog.=) c."row_number"
  AND t.ctid OPERATOR(pg_catalog.=) c."__place"
  AND t.tableoid OPERATOR(pg_catalog.=) c."__part"
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
WHERE t."Id" OPERATOR(pg_catalog.=) c."Id" AND t."row_number" OPERATOR(pg_catalog.=) c."row_number"
  AND t.ctid OPERATOR(pg_catalog.=) c."__place"
  AND t.tableoid OPERATOR(pg_catalog.=) c."__part"
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

-- (prepares)
SET LOCAL search_path TO pg_catalog, pg_temp;

