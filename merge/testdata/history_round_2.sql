-- (prepares)
TRUNCATE "pg_temp"."staged_late";

-- (prepares)
-- 1. Which rows are late, and the newest start or end of their keys. Mostly there are none.
INSERT INTO "pg_temp"."staged_late"
SELECT s.ctid, max(greatest(v."start", v."end"))
FROM "pg_temp"."staged_rounds" AS s
JOIN "public"."a ""target""" AS v ON v."Id" = s."Id" AND v."row_number" = s."row_number"
WHERE coalesce(s."at", now()) < greatest(v."start", v."end")
  AND s."_round" = 2
GROUP BY s.ctid;

-- (prepares)
-- 2. Late records that equal the version of their instant are dropped, and so are late tombstones.
DELETE FROM "pg_temp"."staged_rounds" AS s
USING "pg_temp"."staged_late" AS late, "public"."a ""target""" AS v
WHERE late.place = s.ctid
  AND s."at" IS NOT NULL
  AND v."Id" = s."Id" AND v."row_number" = s."row_number"
  AND v."start" <= coalesce(s."at", now())
  AND (v."end" > coalesce(s."at", now()) OR v."end" IS NULL OR v."start" = coalesce(s."at", now()))
  AND NOT (v."say ""hi""" IS DISTINCT FROM s."say ""hi"""
    OR v."excluded" IS DISTINCT FROM s."excluded");

-- (prepares)
TRUNCATE "pg_temp"."staged_changes";

-- (prepares)
-- 3. What changes: the first row of a key against the active version, every other against the row before it, which
-- tells what the state is then. A change lasts up to the next one.
INSERT INTO "pg_temp"."staged_changes"
SELECT s."Id",
    s."row_number",
    s."say ""hi""",
    s."excluded",
    s."_at", lead(s."_at") OVER of_key, s."_n"
FROM (
    SELECT s.*,
        greatest(coalesce(s."at", now()), late.bound) AS "_at",
        row_number() OVER so_far AS "_n",
        coalesce(lag(true, 1, l."active") OVER so_far, false) AS "_alive",
        (lag(s."say ""hi""", 1, l."say ""hi""") OVER so_far IS DISTINCT FROM s."say ""hi"""
        OR lag(s."excluded", 1, l."excluded") OVER so_far IS DISTINCT FROM s."excluded") AS "_differs"
    FROM (
        SELECT *, ctid AS "_place"
        FROM "pg_temp"."staged_rounds"
        WHERE "_round" = 2
    ) AS s
    LEFT JOIN "pg_temp"."staged_late" AS late ON late.place = s."_place"
    LEFT JOIN "public"."a ""target""" AS l ON l."Id" = s."Id" AND l."row_number" = s."row_number" AND l."active"
    WINDOW so_far AS (PARTITION BY s."Id", s."row_number" ORDER BY s."_place")
) AS s
WHERE NOT s."_alive" OR s."_differs"
WINDOW of_key AS (PARTITION BY s."Id", s."row_number" ORDER BY s."_n");

-- (updates)
-- 4. The active version ends where the first change of its key takes effect.
UPDATE "public"."a ""target""" AS t
SET "end" = c."_at",
    "active" = false
FROM (SELECT DISTINCT ON ("Id", "row_number") * FROM "pg_temp"."staged_changes" ORDER BY "Id", "row_number", "_n") AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND t."active";

-- (prepares)
-- 5. Of equal versions that start at one instant the last stands for all: the key went away from it and came back.
DELETE FROM "pg_temp"."staged_changes" AS c
USING (
    SELECT c."_place" AS place, lead(true) OVER (PARTITION BY c."Id", c."row_number", c."_at", c."say ""hi""", c."excluded" ORDER BY c."_n") AS again
    FROM (
        SELECT *, ctid AS "_place",
            bool_or("_upto" = "_at") OVER (PARTITION BY "Id", "row_number", "_at") AS "_brief"
        FROM "pg_temp"."staged_changes"
    ) AS c
    WHERE c."_brief"
) AS d
WHERE d.again
  AND d.place = c.ctid;

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
      AND NOT (t."say ""hi""" IS DISTINCT FROM c."say ""hi"""
        OR t."excluded" IS DISTINCT FROM c."excluded");

-- (inserts)
-- 7. All others start as new rows.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "start", "end", "active")
SELECT c."Id", c."row_number", c."say ""hi""", c."excluded", c."_at", c."_upto", c."_upto" IS NULL
FROM "pg_temp"."staged_changes" AS c
ORDER BY c."Id", c."row_number", c."_n";

