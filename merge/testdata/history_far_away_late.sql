-- (prepares)
-- 1. What changes: of every key that the batch has news about, the versions that they may touch, then the records that
-- differ from what is before them and the tombstones of what is alive. Each lasts up to the next one.
CREATE TEMP TABLE "pg_temp"."staged_changes" ON COMMIT DROP AS
WITH news AS (
    -- Records of keys of which one differs from the active version or finds none, and tombstones that find one.
    SELECT *
    FROM (
        SELECT s.*, CASE WHEN s."gone" THEN true ELSE s."_differs" END AS "_news"
        FROM (
            SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."gone", s."at",
                s.ctid AS "_place", l.tableoid IS NOT NULL AS "_known",
                l.tableoid IS NULL OR coalesce(s."at", now()) < l."start"
                OR l."say ""hi""" IS DISTINCT FROM s."say ""hi"""
                OR l."excluded" IS DISTINCT FROM s."excluded" AS "_differs"
            FROM "pg_temp"."staged" AS s
            LEFT JOIN "public"."a ""target""" AS l ON l."Id" = s."Id" AND l."row_number" = s."row_number" AND l."active"
        ) AS s
    ) AS s
    WHERE s."_news"
)
SELECT s."Id",
    s."row_number",
    CASE WHEN s."_ends" THEN nth_value(s."say ""hi""", s."_ended") OVER whole_key ELSE s."say ""hi""" END AS "say ""hi""",
    CASE WHEN s."_ends" THEN nth_value(s."excluded", s."_ended") OVER whole_key ELSE s."excluded" END AS "excluded",
    CASE WHEN s."_ends" THEN s."_ended" IS NULL OR coalesce(lead(s."_at") OVER of_key = s."_at" AND NOT lead(s."gone" OR s."_sent") OVER of_key, false)
        ELSE s."gone" AND s."_alive" END AS "gone",
    s."_n", CASE WHEN NOT s."_ends" THEN s."start" END AS "start", s."end", s."_part", s."_place", s."_at",
    CASE WHEN s."gone" THEN s."_at" ELSE lead(s."_at") OVER of_key END AS "_upto",
    coalesce(lag(s."_at") OVER of_key = s."_at", false) OR coalesce(lead(s."_at") OVER of_key = s."_at", false) AS "_brief"
FROM (
    -- An end belongs to no version any more if a tombstone came into the one that it ended: which row was the last before that.
    SELECT s.*, CASE WHEN s."_ends"
            THEN min(s."_nth") FILTER (WHERE s."_sent" AND s."gone") OVER (PARTITION BY s."Id", s."row_number", s."_gap") - 1 END AS "_ended"
    FROM (
        SELECT s.*, (row_number() OVER of_key)::int AS "_nth",
            count(*) FILTER (WHERE NOT s."_sent") OVER of_key - CASE WHEN s."_sent" THEN 0 ELSE 1 END AS "_gap"
        FROM (
    SELECT s.*
    FROM (
        SELECT s.*, row_number() OVER so_far AS "_n",
            NOT coalesce(lag(s."gone") OVER so_far, true) AS "_alive",
            coalesce(lag(s."_at") OVER so_far = s."_at", false) AS "_known",
            (lag(s."say ""hi""") OVER so_far IS DISTINCT FROM s."say ""hi"""
            OR lag(s."excluded") OVER so_far IS DISTINCT FROM s."excluded") AS "_differs"
        FROM (
        SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."gone", coalesce(s."at", now()) AS "_at", true AS "_sent",
            false AS "_ends", NULL AS "start", NULL AS "end", NULL AS "_part", s."_place"
        FROM news AS s
        UNION ALL
        SELECT v."Id", v."row_number", v."say ""hi""", v."excluded", e.ends, CASE WHEN e.ends THEN CASE WHEN NOT v."active" THEN v."end" END ELSE v."start" END, false,
            e.ends, v."start", CASE WHEN NOT v."active" THEN v."end" END, CASE WHEN NOT e.ends THEN v.tableoid END, v.ctid
        FROM (SELECT s."Id", s."row_number", min(coalesce(s."at", now())) AS "_since" FROM news AS s GROUP BY s."Id", s."row_number") AS s
        JOIN "public"."a ""target""" AS v ON v."Id" = s."Id" AND v."row_number" = s."row_number"
        JOIN (VALUES (false), (true)) AS e (ends) ON NOT e.ends OR CASE WHEN NOT v."active" THEN v."end" END IS NOT NULL
        WHERE v."active"
           OR v."end" >= s."_since"
    ) AS s
        WINDOW so_far AS (PARTITION BY s."Id", s."row_number" ORDER BY s."_at", s."_sent", s."start", s."end", s."_ends", s."_place")
    ) AS s
    -- A record that agrees with the version of its instant leaves no trace. Neither does a tombstone of an end that is known.
    WHERE NOT s."_sent"
       OR CASE WHEN s."gone" THEN s."_alive" OR NOT s."_known" ELSE NOT s."_alive" OR s."_differs" END
) AS s
        WINDOW of_key AS (PARTITION BY s."Id", s."row_number" ORDER BY s."_at", s."_sent", s."start", s."end", s."_ends", s."_place")
    ) AS s
) AS s
WINDOW of_key AS (PARTITION BY s."Id", s."row_number" ORDER BY s."_at", s."_sent", s."start", s."end", s."_ends", s."_place"),
    whole_key AS (of_key ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING);

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
SET "end" = coalesce(c."_upto", timestamp with time zone '9999-12-31 00:00:00+00'),
    "active" = c."_upto" IS NULL
FROM "pg_temp"."staged_changes" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND c."start" IS NOT NULL
  AND NOT c."gone"
  AND t."start" = c."start"
  AND (c."end" IS NULL OR c."end" > c."start")
  AND (t."active" AND (c."_upto" IS NOT NULL) OR CASE WHEN NOT t."active" THEN t."end" END > t."start" AND CASE WHEN NOT t."active" THEN t."end" END <> c."_upto");

-- (updates)
-- 4. Versions of no length that come back, the one that is active now after the others.
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = c."say ""hi""",
    "excluded" = c."excluded",
    "end" = coalesce(c."_upto", timestamp with time zone '9999-12-31 00:00:00+00'),
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
    "end" = coalesce(c."_upto", timestamp with time zone '9999-12-31 00:00:00+00'),
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
SELECT c."Id", c."row_number", c."say ""hi""", c."excluded", c."_at", coalesce(c."_upto", timestamp with time zone '9999-12-31 00:00:00+00'), c."_upto" IS NULL
FROM "pg_temp"."staged_changes" AS c
WHERE c."_part" IS NULL
  AND (c."start" IS NOT NULL OR NOT c."gone")
ORDER BY c."Id", c."row_number", c."_n";

