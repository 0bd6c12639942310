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
    SELECT s.*, s.ctid AS "_arrival",
        count(*) FILTER (WHERE s."gone") OVER (PARTITION BY s."Id", s."row_number" ORDER BY s.ctid) AS "_life"
    FROM "pg_temp"."staged" AS s
) AS s
LEFT JOIN "public"."a ""target""" AS l ON l."Id" = s."Id" AND l."row_number" = s."row_number" AND l."active"
WINDOW of_key AS (
    PARTITION BY s."Id", s."row_number", s."_life"
    ORDER BY s."gone", s."_arrival"
)
ORDER BY s."_arrival";

-- (prepares)
CREATE TEMP TABLE "pg_temp"."staged_late" (place tid PRIMARY KEY, bound timestamptz) ON COMMIT DROP;

-- (prepares)
-- 1. Which rows are late, and the newest start or end of their keys. Mostly there are none.
INSERT INTO "pg_temp"."staged_late"
SELECT s.ctid, max(greatest(v."start", v."end"))
FROM "pg_temp"."staged_spelled" AS s
JOIN "public"."a ""target""" AS v ON v."Id" = s."Id" AND v."row_number" = s."row_number"
WHERE coalesce(s."at", now()) < greatest(v."start", v."end")
GROUP BY s.ctid;

-- (prepares)
-- 2. Late records that equal the version of their instant are dropped, and so are late tombstones.
DELETE FROM "pg_temp"."staged_spelled" AS s
USING "pg_temp"."staged_late" AS late, "public"."a ""target""" AS v
WHERE late.place = s.ctid
  AND s."at" IS NOT NULL
  AND NOT s."gone"
  AND v."Id" = s."Id" AND v."row_number" = s."row_number"
  AND v."start" <= coalesce(s."at", now())
  AND (v."end" > coalesce(s."at", now()) OR v."end" IS NULL OR v."start" = coalesce(s."at", now()))
  AND NOT (v."say ""hi""" IS DISTINCT FROM s."say ""hi"""
    OR v."excluded" IS DISTINCT FROM s."excluded");

-- (prepares)
DELETE FROM "pg_temp"."staged_spelled" AS s
USING "pg_temp"."staged_late" AS late
WHERE late.place = s.ctid
  AND s."at" IS NOT NULL
  AND s."gone";

-- (prepares)
CREATE TEMP TABLE "pg_temp"."staged_changes" ON COMMIT DROP AS
SELECT "Id", "row_number", "say ""hi""", "excluded", now() AS "_at", now() AS "_upto", "gone"
FROM "pg_temp"."staged_spelled"
WITH NO DATA;

-- (prepares)
-- 3. What changes: records that differ from the active version or find none, and tombstones that find one.
INSERT INTO "pg_temp"."staged_changes"
SELECT s."Id",
    s."row_number",
    s."say ""hi""",
    s."excluded",
    greatest(coalesce(s."at", now()), late.bound), NULL, s."gone"
FROM "pg_temp"."staged_spelled" AS s
LEFT JOIN "pg_temp"."staged_late" AS late ON late.place = s.ctid
LEFT JOIN "public"."a ""target""" AS l ON l."Id" = s."Id" AND l."row_number" = s."row_number" AND l."active"
WHERE CASE WHEN s."gone" THEN l.tableoid IS NOT NULL ELSE l.tableoid IS NULL
   OR l."say ""hi""" IS DISTINCT FROM s."say ""hi"""
   OR l."excluded" IS DISTINCT FROM s."excluded" END;

-- (updates)
-- 4. The active version ends where the first change of its key takes effect.
UPDATE "public"."a ""target""" AS t
SET "end" = c."_at",
    "active" = false
FROM "pg_temp"."staged_changes" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND t."active";

-- (updates)
-- 6. A version of no length that starts where an equal one is to start comes back instead of being there twice.
-- They are rare. min(1) = 1 tells the planner so, which knows nothing of a table that was never analyzed and would rather
-- read all of it than look up the keys.
WITH back AS (
    DELETE FROM "pg_temp"."staged_changes" AS c
    WHERE (
        SELECT min(1)
        FROM "public"."a ""target""" AS t
        WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
      AND t."start" = c."_at"
      AND t."end" = c."_at"
      AND NOT c."gone"
      AND NOT (t."say ""hi""" IS DISTINCT FROM c."say ""hi"""
        OR t."excluded" IS DISTINCT FROM c."excluded")
      ) = 1
    RETURNING c.*
)
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = c."say ""hi""",
    "excluded" = c."excluded",
    "end" = c."_upto",
    "active" = c."_upto" IS NULL
FROM back AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
      AND t."start" = c."_at"
      AND t."end" = c."_at"
      AND NOT c."gone"
      AND NOT (t."say ""hi""" IS DISTINCT FROM c."say ""hi"""
        OR t."excluded" IS DISTINCT FROM c."excluded");

-- (inserts)
-- 7. All others start as new rows.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "start", "end", "active")
SELECT c."Id", c."row_number", c."say ""hi""", c."excluded", c."_at", c."_upto", c."_upto" IS NULL
FROM "pg_temp"."staged_changes" AS c
WHERE NOT c."gone"
ORDER BY c."Id", c."row_number";

