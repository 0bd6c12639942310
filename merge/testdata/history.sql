-- (prepares)
-- 1. What changes: of every key that the batch has news about, the versions that they may touch, then the records that
-- differ from what is before them and the tombstones of what is alive. Each lasts up to the next one.
CREATE TEMP TABLE "pg_temp"."staged_changes" ON COMMIT DROP AS
WITH news AS (
    -- Records of keys of which one differs from the active version or finds none, and tombstones that find one.
    SELECT *, s."__known" OR coalesce((SELECT true FROM "public"."a ""target""" AS v WHERE v."Id" = s."Id" AND v."row_number" = s."row_number" LIMIT 1), false) AS "__met"
    FROM (
        SELECT s.*, CASE WHEN s."gone" THEN s."__known" ELSE s."__differs" OR s."__told" END AS "__news"
        FROM (
            SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", greatest(l."_sdc_table_version", s."_sdc_table_version") AS "_sdc_table_version", false AS "gone", s."at",
                s.ctid AS "__place", l.tableoid IS NOT NULL AS "__known",
                l.tableoid IS NULL
                OR l."say ""hi""" IS DISTINCT FROM s."say ""hi"""
                OR l."excluded" IS DISTINCT FROM s."excluded"
                OR l."s"::text IS DISTINCT FROM s."s"::text
                OR l."t" IS DISTINCT FROM s."t"
                OR l."🚚; --" IS DISTINCT FROM s."🚚; --"
                OR l."_n" IS DISTINCT FROM s."_n"
                OR l."%s$1"::text IS DISTINCT FROM s."%s$1"::text AS "__differs", (l."_sdc_table_version" IS DISTINCT FROM greatest(l."_sdc_table_version", s."_sdc_table_version")) AS "__told"
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
        s."__differs",
        lag(s."_sdc_table_version") OVER so_far AS "__before12",
        last_value(s."_sdc_table_version") OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "__last12"
    FROM (
        SELECT *
        FROM (
            SELECT *, max(greatest(s."start", s."end")) OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place") AS "__bound"
            FROM (
                SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version", s."gone", s."__differs", s."at",
                    NULL AS "start", NULL AS "end", NULL AS "__part", s."__place"
                FROM news AS s WHERE s."__met"
                UNION ALL
                SELECT v."Id", v."row_number", v."say ""hi""", v."excluded", v."s", v."t", v."🚚; --", v."_n", v."%s$1", v."_sdc_deleted_at", v."_sdc_extracted_at", v."_sdc_table_version", NOT v."active", false, NULL,
                    v."start", v."end", v.tableoid, v.ctid
                FROM news AS s
                JOIN "public"."a ""target""" AS v ON v."Id" = s."Id" AND v."row_number" = s."row_number"
                WHERE s."__met"
                  AND (v."active"
                   OR v."end" >= coalesce(s."at", now()))
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
              AND NOT (v."say ""hi""" IS DISTINCT FROM s."say ""hi"""
                OR v."excluded" IS DISTINCT FROM s."excluded"
                OR v."s"::text IS DISTINCT FROM s."s"::text
                OR v."t" IS DISTINCT FROM s."t"
                OR v."🚚; --" IS DISTINCT FROM s."🚚; --"
                OR v."_n" IS DISTINCT FROM s."_n"
                OR v."%s$1"::text IS DISTINCT FROM s."%s$1"::text)
          )
    ) AS s
    WINDOW so_far AS (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place")
) AS s
WHERE s."start" IS NOT NULL
   OR CASE WHEN s."gone" THEN s."__alive" ELSE NOT s."__alive" OR s."__differs" END
WINDOW of_key AS (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place")
WITH NO DATA;

-- (inserts)
-- The only record of a key without any version is a version as it is. It goes straight into the table.
WITH news AS (
    -- Records of keys of which one differs from the active version or finds none, and tombstones that find one.
    SELECT *, s."__known" OR coalesce((SELECT true FROM "public"."a ""target""" AS v WHERE v."Id" = s."Id" AND v."row_number" = s."row_number" LIMIT 1), false) AS "__met"
    FROM (
        SELECT s.*, CASE WHEN s."gone" THEN s."__known" ELSE s."__differs" OR s."__told" END AS "__news"
        FROM (
            SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", greatest(l."_sdc_table_version", s."_sdc_table_version") AS "_sdc_table_version", false AS "gone", s."at",
                s.ctid AS "__place", l.tableoid IS NOT NULL AS "__known",
                l.tableoid IS NULL
                OR l."say ""hi""" IS DISTINCT FROM s."say ""hi"""
                OR l."excluded" IS DISTINCT FROM s."excluded"
                OR l."s"::text IS DISTINCT FROM s."s"::text
                OR l."t" IS DISTINCT FROM s."t"
                OR l."🚚; --" IS DISTINCT FROM s."🚚; --"
                OR l."_n" IS DISTINCT FROM s."_n"
                OR l."%s$1"::text IS DISTINCT FROM s."%s$1"::text AS "__differs", (l."_sdc_table_version" IS DISTINCT FROM greatest(l."_sdc_table_version", s."_sdc_table_version")) AS "__told"
            FROM "pg_temp"."staged" AS s
            LEFT JOIN "public"."a ""target""" AS l ON l."Id" = s."Id" AND l."row_number" = s."row_number" AND l."active"
        ) AS s
    ) AS s
    WHERE s."__news"
),
changes AS (
INSERT INTO "pg_temp"."staged_changes"
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
        s."__differs",
        lag(s."_sdc_table_version") OVER so_far AS "__before12",
        last_value(s."_sdc_table_version") OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "__last12"
    FROM (
        SELECT *
        FROM (
            SELECT *, max(greatest(s."start", s."end")) OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place") AS "__bound"
            FROM (
                SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version", s."gone", s."__differs", s."at",
                    NULL AS "start", NULL AS "end", NULL AS "__part", s."__place"
                FROM news AS s WHERE s."__met"
                UNION ALL
                SELECT v."Id", v."row_number", v."say ""hi""", v."excluded", v."s", v."t", v."🚚; --", v."_n", v."%s$1", v."_sdc_deleted_at", v."_sdc_extracted_at", v."_sdc_table_version", NOT v."active", false, NULL,
                    v."start", v."end", v.tableoid, v.ctid
                FROM news AS s
                JOIN "public"."a ""target""" AS v ON v."Id" = s."Id" AND v."row_number" = s."row_number"
                WHERE s."__met"
                  AND (v."active"
                   OR v."end" >= coalesce(s."at", now()))
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
              AND NOT (v."say ""hi""" IS DISTINCT FROM s."say ""hi"""
                OR v."excluded" IS DISTINCT FROM s."excluded"
                OR v."s"::text IS DISTINCT FROM s."s"::text
                OR v."t" IS DISTINCT FROM s."t"
                OR v."🚚; --" IS DISTINCT FROM s."🚚; --"
                OR v."_n" IS DISTINCT FROM s."_n"
                OR v."%s$1"::text IS DISTINCT FROM s."%s$1"::text)
          )
    ) AS s
    WINDOW so_far AS (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place")
) AS s
WHERE s."start" IS NOT NULL
   OR CASE WHEN s."gone" THEN s."__alive" ELSE NOT s."__alive" OR s."__differs" END
WINDOW of_key AS (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place")
)
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version", "start", "end", "active")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version", coalesce(s."at", now()), NULL, true
FROM news AS s
WHERE NOT s."__met"
  AND NOT s."gone"
ORDER BY s."Id", s."row_number";

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

