-- (prepares)
-- Older than a row of the key.
DELETE FROM "pg_temp"."staged" AS s
USING "public"."a ""target""" AS t
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
CREATE TEMP TABLE "pg_temp"."staged_late" (place tid PRIMARY KEY, bound timestamptz) ON COMMIT DROP;

-- (prepares)
-- 1. Which rows are late, and the newest start or end of their keys. Mostly there are none.
INSERT INTO "pg_temp"."staged_late"
SELECT s.ctid, max(greatest(v."start", v."end"))
FROM "pg_temp"."staged" AS s
JOIN "public"."a ""target""" AS v ON v."Id" = s."Id" AND v."row_number" = s."row_number"
WHERE coalesce(s."at", now()) < greatest(v."start", v."end")
GROUP BY s.ctid;

-- (prepares)
CREATE TEMP TABLE "pg_temp"."staged_changes" ON COMMIT DROP AS
SELECT "Id", "row_number", "say ""hi""", "excluded", now() AS "_at", now() AS "_upto", "gone"
FROM "pg_temp"."staged"
WITH NO DATA;

-- (prepares)
-- 3. What changes: records that differ from the active version or find none, and tombstones that find one.
INSERT INTO "pg_temp"."staged_changes"
SELECT s."Id",
    s."row_number",
    s."say ""hi""",
    s."excluded",
    greatest(coalesce(s."at", now()), late.bound), NULL, s."gone"
FROM "pg_temp"."staged" AS s
LEFT JOIN "pg_temp"."staged_late" AS late ON late.place = s.ctid
LEFT JOIN "public"."a ""target""" AS l ON l."Id" = s."Id" AND l."row_number" = s."row_number" AND l."active"
WHERE CASE WHEN s."gone" THEN l.tableoid IS NOT NULL ELSE l.tableoid IS NULL
   OR l."say ""hi""" IS DISTINCT FROM s."say ""hi"""
   OR l."excluded" IS DISTINCT FROM s."excluded" END;

-- (prepares)
-- Tombstones that have nothing to close still leave their order in the newest version: no older record comes after them.
UPDATE "public"."a ""target""" AS t
SET "excluded" = s."excluded"
FROM "pg_temp"."staged" AS s
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
ORDER BY c."Id", c."row_number";

