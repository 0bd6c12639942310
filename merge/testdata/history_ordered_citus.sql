-- (prepares)
-- The rows are on other servers: what they say of the batch's keys is fetched once.
CREATE TEMP TABLE "pg_temp"."staged_known" ON COMMIT DROP AS
SELECT t."Id", t."row_number", t."excluded"
FROM "public"."a ""target""" AS t
JOIN (SELECT DISTINCT "Id", "row_number" FROM "pg_temp"."staged") AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number";

-- (prepares)
-- Older than a row of the key.
DELETE FROM "pg_temp"."staged" AS s
USING "pg_temp"."staged_known" AS t
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND CASE
        WHEN s."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR s."excluded" > t."excluded"
        ELSE true END IS NOT TRUE;

-- (prepares)
-- Older than a tombstone of this run.
DELETE FROM "pg_temp"."staged" AS s
USING "public"."tombstones" AS t
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND CASE
        WHEN s."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR s."excluded" > t."excluded"
        ELSE true END IS NOT TRUE;

-- (prepares)
-- Older than a row of the batch that arrived before it.
DELETE FROM "pg_temp"."staged" AS s
USING (
    SELECT o."__place", o."__rank",
        max(o."__rank") OVER (PARTITION BY o."Id", o."row_number" ORDER BY o."__place") AS "__newest"
    FROM (
        SELECT s."Id", s."row_number", s.ctid AS "__place",
            rank() OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."excluded" NULLS FIRST) AS "__rank"
        FROM "pg_temp"."staged" AS s
    ) AS o
) AS o
WHERE o."__rank" < o."__newest"
  AND o."__place" = s.ctid;

-- (prepares)
-- The batches that follow have to know these tombstones.
INSERT INTO "public"."tombstones" AS t ("Id", "row_number", "excluded")
SELECT DISTINCT ON (s."Id", s."row_number") s."Id", s."row_number", s."excluded"
FROM "pg_temp"."staged" AS s
WHERE s."gone"
ORDER BY s."Id", s."row_number", s."excluded" DESC NULLS LAST, s.ctid DESC
ON CONFLICT ("Id", "row_number") DO UPDATE
SET "excluded" = excluded."excluded"
WHERE CASE
        WHEN excluded."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR excluded."excluded" > t."excluded"
        ELSE true END;

-- (prepares)
-- The rows are on other servers: what there is of the batch's keys is fetched once, versions of no length as they came.
CREATE TEMP TABLE "pg_temp"."staged_current" ON COMMIT DROP AS
SELECT t."Id", t."row_number", t."say ""hi""", t."excluded", t."s", t."t", t."🚚; --", t."_n", t."%s$1", t."_sdc_deleted_at", t."_sdc_extracted_at", t."_sdc_table_version", t."start", t."end", t."active"
FROM "public"."a ""target""" AS t
JOIN (SELECT DISTINCT "Id", "row_number" FROM "pg_temp"."staged") AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number"
ORDER BY t."start", t."end", t."excluded" NULLS FIRST;

-- (prepares)
-- 1. What changes: of every key that the batch has news about, the versions that they may touch, then the records that
-- differ from what is before them and the tombstones of what is alive. Each lasts up to the next one.
CREATE TEMP TABLE "pg_temp"."staged_changes" ON COMMIT DROP AS
WITH news AS (
    -- Records of keys of which one differs from the active version or finds none, and tombstones that find one.
    SELECT *
    FROM (
        SELECT s.*, bool_or(CASE WHEN s."gone" THEN true ELSE s."__differs" OR s."__told" END) OVER (PARTITION BY s."Id", s."row_number") AS "__news"
        FROM (
            SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", CASE WHEN bool_or(s."gone") OVER (PARTITION BY s."Id", s."row_number" ORDER BY s.ctid) THEN s."_sdc_table_version" ELSE greatest(l."_sdc_table_version", s."_sdc_table_version") END AS "_sdc_table_version", s."gone", s."at",
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
            LEFT JOIN "pg_temp"."staged_current" AS l ON l."Id" = s."Id" AND l."row_number" = s."row_number" AND l."active"
        ) AS s
    ) AS s
    WHERE s."__news"
)
SELECT s."Id",
    s."row_number",
    s."say ""hi""",
    CASE WHEN s."gone" THEN s."__latest1" WHEN lead(s."gone") OVER of_key THEN lead(s."__latest1") OVER of_key ELSE s."excluded" END AS "excluded",
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
        last_value(s."_sdc_table_version") OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "__last12",
        last_value(s."excluded") OVER in_a_row AS "__latest1"
    FROM (
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
            s."_sdc_table_version",
            s."gone", s."start", s."end", s."__part", s."__place",
            s."at", s."__bound", s."__differs",
            count(*) FILTER (WHERE s."start" IS NOT NULL OR NOT s."gone") OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place") AS "__records"
        FROM (
        SELECT *
        FROM (
            SELECT *, max(greatest(s."start", s."end")) OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place") AS "__bound"
            FROM (
                SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version", s."gone", s."__differs", s."at",
                    NULL AS "start", NULL AS "end", NULL AS "__part", s."__place"
                FROM news AS s
                UNION ALL
                SELECT v."Id", v."row_number", v."say ""hi""", v."excluded", v."s", v."t", v."🚚; --", v."_n", v."%s$1", v."_sdc_deleted_at", v."_sdc_extracted_at", v."_sdc_table_version", NOT v."active", false, NULL,
                    v."start", v."end", v.tableoid, v.ctid
                FROM (
                    SELECT s."Id", s."row_number", min(coalesce(s."at", now())) AS "__since", bool_or(s."gone") AS "gone"
                    FROM news AS s
                    GROUP BY s."Id", s."row_number"
                ) AS s
                JOIN "pg_temp"."staged_current" AS v ON v."Id" = s."Id" AND v."row_number" = s."row_number"
                WHERE (v."active"
                   OR v."end" >= s."__since" OR s."gone")
            ) AS s
        ) AS s
    ) AS s
        WINDOW of_key AS (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    ) AS s
    WINDOW so_far AS (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place"),
        in_a_row AS (PARTITION BY s."Id", s."row_number", s."__records" ORDER BY s."start", s."end", s."__place"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
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

-- (prepares)
-- What the rows over there are told is made out here: Citus computes nothing for an UPDATE that is not IMMUTABLE.
CREATE TEMP TABLE "pg_temp"."staged_ended" ON COMMIT DROP AS
SELECT c.*, t."excluded" AS "__before4"
FROM "pg_temp"."staged_changes" AS c
JOIN "pg_temp"."staged_current" AS t ON t.ctid = c."__place" AND t.tableoid = c."__part"
WHERE c."start" IS NOT NULL
  AND (c."gone" AND (t."excluded" IS DISTINCT FROM c."excluded")
   OR NOT c."gone" AND (c."__upto" IS NOT NULL OR (t."_sdc_table_version" IS DISTINCT FROM greatest(t."_sdc_table_version", c."_sdc_table_version"))));

-- (updates)
-- 3. Versions that end, or of which a record tells what makes no version, or have the order of a tombstone after them.
UPDATE "public"."a ""target""" AS t
SET "end" = c."__upto",
    "active" = c."__upto" IS NULL, "_sdc_table_version" = greatest(t."_sdc_table_version", c."_sdc_table_version"), "excluded" = c."excluded"
FROM "pg_temp"."staged_ended" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND c."start" IS NOT NULL
  AND (c."gone"
  AND t."start" = c."start"
  AND t."end" = c."__upto"
  AND NOT (t."excluded" IS DISTINCT FROM c."__before4")
   OR NOT c."gone"
  AND t."active"
  AND (true));

-- (prepares)
-- 4. Which row over there comes back cannot be said by all its values: Citus compares none by its text. So all versions that
-- start at that instant are deleted, and come again below.
CREATE TEMP TABLE "pg_temp"."staged_back" ON COMMIT DROP AS
SELECT DISTINCT "Id", "row_number", "__at"
FROM "pg_temp"."staged_changes"
WHERE "start" IS NULL
  AND "__part" IS NOT NULL;

-- (prepares)
UPDATE "pg_temp"."staged_changes" AS c
SET "__part" = NULL
FROM "pg_temp"."staged_back" AS b
WHERE c."Id" = b."Id" AND c."row_number" = b."row_number"
  AND c."__at" = b."__at";

-- (prepares)
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."staged_back" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND t."start" = c."__at";

-- (inserts)
-- 5. All others start as new rows.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version", "start", "end", "active")
SELECT c."Id", c."row_number", c."say ""hi""", c."excluded", c."s", c."t", c."🚚; --", c."_n", c."%s$1", c."_sdc_deleted_at", c."_sdc_extracted_at", c."_sdc_table_version", c."__at", c."__upto", c."__upto" IS NULL
FROM "pg_temp"."staged_changes" AS c
WHERE c."__part" IS NULL
  AND (c."start" IS NOT NULL OR NOT c."gone")
ORDER BY c."Id", c."row_number", c."__n";

