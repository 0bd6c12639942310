-- (prepares)
-- The rows are on other servers: what there is of the batch's keys is fetched once.
CREATE TEMP TABLE "pg_temp"."staged_current" ON COMMIT DROP AS
SELECT t."Id", t."row_number", t."say ""hi""", t."excluded", t."start", t."end", t."active"
FROM "public"."a ""target""" AS t
JOIN (SELECT DISTINCT "Id", "row_number" FROM "pg_temp"."staged") AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND t."Id" >= -1
  AND t."Id" <= 14000;

-- (prepares)
-- 1. What changes: of every key that the batch has news about, the versions that they may touch, then the records that
-- differ from what is before them and the tombstones of what is alive. Each lasts up to the next one.
CREATE TEMP TABLE "pg_temp"."staged_changes" ON COMMIT DROP AS
WITH news AS (
    -- Records of keys of which one differs from the active version or finds none, and tombstones that find one.
    SELECT *
    FROM (
        SELECT s.*, CASE WHEN s."gone" THEN s."_known" ELSE s."_differs" END AS "_news"
        FROM (
            SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", false AS "gone", s."at",
                s.ctid AS "_place", l.tableoid IS NOT NULL AS "_known",
                l.tableoid IS NULL
                OR l."say ""hi""" IS DISTINCT FROM s."say ""hi"""
                OR l."excluded" IS DISTINCT FROM s."excluded" AS "_differs"
            FROM "pg_temp"."staged" AS s
            LEFT JOIN "pg_temp"."staged_current" AS l ON l."Id" = s."Id" AND l."row_number" = s."row_number" AND l."active"
        ) AS s
    ) AS s
    WHERE s."_news"
)
SELECT s."Id",
    s."row_number",
    s."say ""hi""",
    s."excluded",
    s."gone", s."_n", s."start", s."_part", s."_place",
    s."_at", coalesce(s."end", lead(s."_at") OVER of_key) AS "_upto",
    lag(s."_at", 2) OVER of_key = s."_at"
    OR lead(s."_at", 2) OVER of_key = s."_at"
    OR lag(s."_at") OVER of_key = s."_at" AND (lag(s."gone") OVER of_key OR lead(s."_at") OVER of_key = s."_at")
    OR s."gone" AND lead(s."_at") OVER of_key = s."_at" AS "_brief"
FROM (
    SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."gone", s."start", s."end", s."_part", s."_place",
        row_number() OVER so_far AS "_n",
        coalesce(s."start", greatest(coalesce(s."at", now()), s."_bound")) AS "_at",
        NOT coalesce(lag(s."gone") OVER so_far, true) AS "_alive",
        s."_differs"
    FROM (
        SELECT *
        FROM (
            SELECT *, max(greatest(s."start", s."end")) OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."_place") AS "_bound"
            FROM (
                SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."gone", s."_differs", s."at",
                    NULL AS "start", NULL AS "end", NULL AS "_part", s."_place"
                FROM news AS s
                UNION ALL
                SELECT v."Id", v."row_number", v."say ""hi""", v."excluded", NOT v."active", false, NULL,
                    v."start", v."end", v.tableoid, v.ctid
                FROM news AS s
                JOIN "pg_temp"."staged_current" AS v ON v."Id" = s."Id" AND v."row_number" = s."row_number"
                WHERE (v."active"
                   OR v."end" >= coalesce(s."at", now()))
            ) AS s
        ) AS s
        -- Late records that equal the version of their instant are dropped, and so are late tombstones.
        WHERE (s."at" < s."_bound" AND s."gone") IS NOT TRUE
          AND NOT EXISTS (
            SELECT FROM "pg_temp"."staged_current" AS v
            WHERE v."Id" = s."Id" AND v."row_number" = s."row_number"
              AND NOT s."gone"
              AND s."at" < s."_bound"
              AND v."start" <= s."at"
              AND (v."end" > s."at" OR v."end" IS NULL OR v."start" = s."at")
              AND NOT (v."say ""hi""" IS DISTINCT FROM s."say ""hi"""
                OR v."excluded" IS DISTINCT FROM s."excluded")
          )
    ) AS s
    WINDOW so_far AS (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."_place")
) AS s
WHERE s."start" IS NOT NULL
   OR CASE WHEN s."gone" THEN s."_alive" ELSE NOT s."_alive" OR s."_differs" END
WINDOW of_key AS (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."_place");

-- (prepares)
-- 2. Of equal versions that start at one instant the last stands for all, in the row of one that is in the table: the key
-- went away from it and came back.
WITH same AS (
    SELECT c.ctid AS change, row_number() OVER latest AS nth,
        first_value(c."_part") OVER stored AS part, first_value(c."_place") OVER stored AS place
    FROM "pg_temp"."staged_changes" AS c
    WHERE c."_brief"
      AND (c."start" IS NOT NULL OR NOT c."gone")
    WINDOW latest AS (PARTITION BY c."Id", c."row_number", c."_at", c."say ""hi""", c."excluded" ORDER BY c."_n" DESC),
        stored AS (PARTITION BY c."Id", c."row_number", c."_at", c."say ""hi""", c."excluded" ORDER BY c."start" IS NULL, c."_n" DESC)
), others AS (
    DELETE FROM "pg_temp"."staged_changes" AS c
    USING same
    WHERE same.nth > 1
      AND c.ctid = same.change
)
UPDATE "pg_temp"."staged_changes" AS c
SET "_part" = same.part,
    "_place" = same.place
FROM same
WHERE same.nth = 1
  AND same.part IS NOT NULL
  AND c.ctid = same.change
  AND c."start" IS NULL;

-- (updates)
-- 3. Versions that end.
UPDATE "public"."a ""target""" AS t
SET "end" = c."_upto",
    "active" = c."_upto" IS NULL
FROM "pg_temp"."staged_changes" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND c."start" IS NOT NULL
  AND NOT c."gone"
  AND t."active"
  AND (c."_upto" IS NOT NULL)
  AND t."Id" >= -1
  AND t."Id" <= 14000;

-- (prepares)
-- 4. Which row over there comes back cannot be said by all its values: Citus compares none by its text. So all versions that
-- start at that instant are deleted, and come again below.
CREATE TEMP TABLE "pg_temp"."staged_back" ON COMMIT DROP AS
SELECT DISTINCT "Id", "row_number", "_at"
FROM "pg_temp"."staged_changes"
WHERE "start" IS NULL
  AND "_part" IS NOT NULL;

-- (prepares)
UPDATE "pg_temp"."staged_changes" AS c
SET "_part" = NULL
FROM "pg_temp"."staged_back" AS b
WHERE c."Id" = b."Id" AND c."row_number" = b."row_number"
  AND c."_at" = b."_at";

-- (prepares)
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."staged_back" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND t."start" = c."_at"
  AND t."Id" >= -1
  AND t."Id" <= 14000;

-- (inserts)
-- 5. All others start as new rows.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "start", "end", "active")
SELECT c."Id", c."row_number", c."say ""hi""", c."excluded", c."_at", c."_upto", c."_upto" IS NULL
FROM "pg_temp"."staged_changes" AS c
WHERE c."_part" IS NULL
  AND (c."start" IS NOT NULL OR NOT c."gone")
ORDER BY c."Id", c."row_number", c."_n";

