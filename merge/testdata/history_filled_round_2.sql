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
TRUNCATE "pg_temp"."staged_changes";

-- (prepares)
-- 3. What changes: the first row of a key against the active version, every other against the row before it, which
-- tells what the state is then. A change lasts up to the next one.
INSERT INTO "pg_temp"."staged_changes"
SELECT s."Id",
    s."row_number",
    s."say ""hi""",
    CASE WHEN s."gone" THEN s."_latest1" WHEN lead(s."gone") OVER of_key THEN lead(s."_latest1") OVER of_key ELSE s."excluded" END,
    s."_at", lead(s."_at") OVER of_key, s."gone", s."_n"
FROM (
    SELECT s.*,
        greatest(coalesce(s."at", now()), late.bound) AS "_at",
        row_number() OVER so_far AS "_n",
        coalesce(lag(NOT s."gone", 1, l."active") OVER so_far, false) AS "_alive",
        (lag(s."say ""hi""", 1, l."say ""hi""") OVER so_far IS DISTINCT FROM s."say ""hi"""
        OR lag(s."excluded", 1, l."excluded") OVER so_far IS DISTINCT FROM s."excluded") AS "_differs",
        last_value(s."excluded") OVER in_a_row AS "_latest1"
    FROM (
        SELECT *, ctid AS "_place",
            count(*) FILTER (WHERE NOT "gone") OVER (PARTITION BY "Id", "row_number" ORDER BY ctid) AS "_records"
        FROM "pg_temp"."staged_rounds"
        WHERE "_round" = 2
    ) AS s
    LEFT JOIN "pg_temp"."staged_late" AS late ON late.place = s."_place"
    LEFT JOIN "public"."a ""target""" AS l ON l."Id" = s."Id" AND l."row_number" = s."row_number" AND l."active"
    WINDOW so_far AS (PARTITION BY s."Id", s."row_number" ORDER BY s."_place"),
        in_a_row AS (
            PARTITION BY s."Id", s."row_number", s."_records" ORDER BY s."_place"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        )
) AS s
WHERE CASE WHEN s."gone" THEN s."_alive" ELSE NOT s."_alive" OR s."_differs" END
WINDOW of_key AS (PARTITION BY s."Id", s."row_number" ORDER BY s."_n");

-- (prepares)
-- Tombstones that have nothing to close still leave their order in the newest version: no older record comes after them.
UPDATE "public"."a ""target""" AS t
SET "excluded" = s."excluded"
FROM (
    SELECT DISTINCT ON (s."Id", s."row_number") s.*
    FROM (
        SELECT *, ctid AS "_place",
            count(*) FILTER (WHERE NOT "gone") OVER (PARTITION BY "Id", "row_number" ORDER BY ctid) AS "_records"
        FROM "pg_temp"."staged_rounds"
        WHERE "_round" = 2
    ) AS s
    WHERE s."_records" = 0
    ORDER BY s."Id", s."row_number", s."_place" DESC
) AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND s."gone"
  AND NOT t."active"
  AND (t."excluded" IS DISTINCT FROM s."excluded")
  AND NOT EXISTS (
    SELECT FROM "public"."a ""target""" AS o
    WHERE o."Id" = s."Id" AND o."row_number" = s."row_number"
      AND (o."active" OR o."start" > t."start" OR (o."start" = t."start" AND o."end" > t."end"))
  );

-- (updates)
-- 4. The active version ends where the first change of its key takes effect.
UPDATE "public"."a ""target""" AS t
SET "end" = c."_at",
    "active" = false,
    "excluded" = CASE WHEN c."gone" THEN c."excluded" ELSE t."excluded" END
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
      AND NOT c."gone"
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
      AND NOT c."gone"
      AND NOT (t."say ""hi""" IS DISTINCT FROM c."say ""hi"""
        OR t."excluded" IS DISTINCT FROM c."excluded")
      -- Their orders may have made several equal.
      AND NOT EXISTS (
        SELECT FROM "public"."a ""target""" AS o
        WHERE o."Id" = c."Id" AND o."row_number" = c."row_number"
          AND o."start" = c."_at"
          AND o."end" = c."_at"
          AND NOT (o."say ""hi""" IS DISTINCT FROM c."say ""hi"""
            OR o."excluded" IS DISTINCT FROM c."excluded")
          AND (o.tableoid > t.tableoid OR (o.tableoid = t.tableoid AND o.ctid > t.ctid))
      )
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
        OR t."excluded" IS DISTINCT FROM c."excluded")
      -- Their orders may have made several equal.
      AND NOT EXISTS (
        SELECT FROM "public"."a ""target""" AS o
        WHERE o."Id" = c."Id" AND o."row_number" = c."row_number"
          AND o."start" = c."_at"
          AND o."end" = c."_at"
          AND NOT (o."say ""hi""" IS DISTINCT FROM c."say ""hi"""
            OR o."excluded" IS DISTINCT FROM c."excluded")
          AND (o.tableoid > t.tableoid OR (o.tableoid = t.tableoid AND o.ctid > t.ctid))
      );

-- (inserts)
-- 7. All others start as new rows.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "start", "end", "active")
SELECT c."Id", c."row_number", c."say ""hi""", c."excluded", c."_at", c."_upto", c."_upto" IS NULL
FROM "pg_temp"."staged_changes" AS c
WHERE NOT c."gone"
ORDER BY c."Id", c."row_number", c."_n";

