-- (prepares)
-- spelled: keys that are equal may be spelled in several ways, such as 1 and 1.0. The first record's spelling stays, as if
-- each record were a batch of its own. After a tombstone that takes its row away, the next record's counts.
CREATE TEMP TABLE "pg_temp"."staged_spelled" ON COMMIT DROP AS
SELECT coalesce(CASE WHEN s."_life" = 0 THEN l."Id" END, first_value(s."Id") OVER of_key) AS "Id",
    coalesce(CASE WHEN s."_life" = 0 THEN l."row_number" END, first_value(s."row_number") OVER of_key) AS "row_number",
    s."say ""hi""",
    s."excluded",
    s."present",
    s."gone",
    s."at"
FROM (
    SELECT s.*,
        count(*) FILTER (WHERE s."gone" AND s."_counts") OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."_arrival") AS "_life"
    FROM (
        SELECT s.*, (s."_rank" = s."_newest" AND CASE
        WHEN s."excluded" IS DISTINCT FROM l."excluded" THEN l."excluded" IS NULL OR s."excluded" > l."excluded"
        ELSE true END AND CASE
        WHEN s."excluded" IS DISTINCT FROM b."excluded" THEN b."excluded" IS NULL OR s."excluded" > b."excluded"
        ELSE true END) IS TRUE AS "_counts" -- else the record is older than what is known of its key, and left out
        FROM (
            SELECT s.*, max(s."_rank") OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."_arrival") AS "_newest"
            FROM (
                SELECT s.*, s.ctid AS "_arrival", rank() OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."excluded" NULLS FIRST) AS "_rank"
                FROM "pg_temp"."staged" AS s
            ) AS s
        ) AS s
        LEFT JOIN "public"."a ""target""" AS l ON l."Id" = s."Id" AND l."row_number" = s."row_number" AND l."active"
        LEFT JOIN "public"."tombstones" AS b ON b."Id" = s."Id" AND b."row_number" = s."row_number"
    ) AS s
) AS s
LEFT JOIN "public"."a ""target""" AS l ON l."Id" = s."Id" AND l."row_number" = s."row_number" AND l."active"
WINDOW of_key AS (
    PARTITION BY s."Id", s."row_number", s."_life"
    ORDER BY s."_counts" DESC, s."gone", s."_arrival"
)
ORDER BY s."_arrival";

-- (prepares)
-- Older than a row of the key.
DELETE FROM "pg_temp"."staged_spelled" AS s
USING "public"."a ""target""" AS t
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND CASE
        WHEN s."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR s."excluded" > t."excluded"
        ELSE true END IS NOT TRUE;

-- (prepares)
-- Older than a tombstone of this run.
DELETE FROM "pg_temp"."staged_spelled" AS s
USING "public"."tombstones" AS t
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND CASE
        WHEN s."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR s."excluded" > t."excluded"
        ELSE true END IS NOT TRUE;

-- (prepares)
-- Older than a row of the batch that arrived before it.
DELETE FROM "pg_temp"."staged_spelled" AS s
USING (
    SELECT o."_place", o."_rank",
        max(o."_rank") OVER (PARTITION BY o."Id", o."row_number" ORDER BY o."_place") AS "_newest"
    FROM (
        SELECT s."Id", s."row_number", s.ctid AS "_place",
            rank() OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."excluded" NULLS FIRST) AS "_rank"
        FROM "pg_temp"."staged_spelled" AS s
    ) AS o
) AS o
WHERE o."_rank" < o."_newest"
  AND o."_place" = s.ctid;

-- (prepares)
-- The batches that follow have to know these tombstones.
INSERT INTO "public"."tombstones" AS t ("Id", "row_number", "excluded")
SELECT DISTINCT ON (s."Id", s."row_number") s."Id", s."row_number", s."excluded"
FROM "pg_temp"."staged_spelled" AS s
WHERE s."gone"
ORDER BY s."Id", s."row_number", s."excluded" DESC NULLS LAST, s.ctid DESC
ON CONFLICT ("Id", "row_number") DO UPDATE
SET "excluded" = excluded."excluded"
WHERE CASE
        WHEN excluded."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR excluded."excluded" > t."excluded"
        ELSE true END;

-- (prepares)
-- 1. What changes: of every key that the batch has news about, the versions that they may touch, then the records that
-- differ from what is before them and the tombstones of what is alive. Each lasts up to the next one.
CREATE TEMP TABLE "pg_temp"."staged_changes" ON COMMIT DROP AS
WITH news AS (
    -- Records of keys of which one differs from the active version or finds none, and tombstones that find one.
    SELECT *
    FROM (
        SELECT s.*, bool_or(CASE WHEN s."gone" THEN true ELSE s."_differs" END) OVER (PARTITION BY s."Id", s."row_number") AS "_news"
        FROM (
            SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."gone", s."at",
                s.ctid AS "_place", l.tableoid IS NOT NULL AS "_known",
                l.tableoid IS NULL
                OR l."say ""hi""" IS DISTINCT FROM s."say ""hi"""
                OR l."excluded" IS DISTINCT FROM s."excluded" AS "_differs"
            FROM "pg_temp"."staged_spelled" AS s
            LEFT JOIN "public"."a ""target""" AS l ON l."Id" = s."Id" AND l."row_number" = s."row_number" AND l."active"
        ) AS s
    ) AS s
    WHERE s."_news"
)
SELECT s."Id",
    s."row_number",
    s."say ""hi""",
    CASE WHEN s."gone" THEN s."_latest1" WHEN lead(s."gone") OVER of_key THEN lead(s."_latest1") OVER of_key ELSE s."excluded" END AS "excluded",
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
        (lag(s."say ""hi""") OVER so_far IS DISTINCT FROM s."say ""hi"""
        OR lag(s."excluded") OVER so_far IS DISTINCT FROM s."excluded") AS "_differs",
        last_value(s."excluded") OVER in_a_row AS "_latest1"
    FROM (
        SELECT s."Id",
            s."row_number",
            s."say ""hi""",
            s."excluded",
            s."gone", s."start", s."end", s."_part", s."_place",
            s."at", s."_bound", s."_differs",
            count(*) FILTER (WHERE s."start" IS NOT NULL OR NOT s."gone") OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."_place") AS "_records"
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
                FROM (
                    SELECT s."Id", s."row_number", min(coalesce(s."at", now())) AS "_since", bool_or(s."gone") AS "gone"
                    FROM news AS s
                    GROUP BY s."Id", s."row_number"
                ) AS s
                JOIN "public"."a ""target""" AS v ON v."Id" = s."Id" AND v."row_number" = s."row_number"
                WHERE (v."active"
                   OR v."end" >= s."_since" OR s."gone")
            ) AS s
        ) AS s
    ) AS s
        WINDOW of_key AS (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."_place" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    ) AS s
    WINDOW so_far AS (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."_place"),
        in_a_row AS (PARTITION BY s."Id", s."row_number", s."_records" ORDER BY s."start", s."end", s."_place"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
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
-- 3. Versions that end, or have the order of a tombstone after them.
UPDATE "public"."a ""target""" AS t
SET "end" = c."_upto",
    "active" = c."_upto" IS NULL, "excluded" = c."excluded"
FROM "pg_temp"."staged_changes" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND c."start" IS NOT NULL
  AND t.ctid = c."_place"
  AND t.tableoid = c."_part"
  AND (t."end" IS NULL AND c."_upto" IS NOT NULL OR t."excluded" IS DISTINCT FROM c."excluded");

-- (updates)
-- 4. Versions of no length that come back, the one that is active now after the others.
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = c."say ""hi""",
    "excluded" = c."excluded",
    "end" = c."_upto",
    "active" = c."_upto" IS NULL
FROM "pg_temp"."staged_changes" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND t.ctid = c."_place"
  AND t.tableoid = c."_part"
  AND c."start" IS NULL
  AND c."_part" IS NOT NULL
  AND c."_upto" IS NOT NULL;

-- (updates)
-- 4. Versions of no length that come back, the one that is active now after the others.
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = c."say ""hi""",
    "excluded" = c."excluded",
    "end" = c."_upto",
    "active" = c."_upto" IS NULL
FROM "pg_temp"."staged_changes" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND t.ctid = c."_place"
  AND t.tableoid = c."_part"
  AND c."start" IS NULL
  AND c."_part" IS NOT NULL
  AND c."_upto" IS NULL;

-- (inserts)
-- 5. All others start as new rows.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "start", "end", "active")
SELECT c."Id", c."row_number", c."say ""hi""", c."excluded", c."_at", c."_upto", c."_upto" IS NULL
FROM "pg_temp"."staged_changes" AS c
WHERE c."_part" IS NULL
  AND (c."start" IS NOT NULL OR NOT c."gone")
ORDER BY c."Id", c."row_number", c."_n";

