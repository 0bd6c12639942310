-- (prepares)
CREATE TEMP TABLE "pg_temp"."staged_late" (place tid PRIMARY KEY, bound timestamptz) ON COMMIT DROP;

-- (prepares)
-- The rows are on other servers: what there is of the batch's keys is fetched once.
CREATE TEMP TABLE "pg_temp"."staged_current" ON COMMIT DROP AS
SELECT t."Id", t."row_number", t."say ""hi""", t."excluded", t."start", t."end", t."active"
FROM "public"."a ""target""" AS t
JOIN (SELECT DISTINCT "Id", "row_number" FROM "pg_temp"."staged") AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number";

-- (prepares)
-- 1. Which rows are late, and the newest start or end of their keys. Mostly there are none.
INSERT INTO "pg_temp"."staged_late"
SELECT s.ctid, max(greatest(v."start", v."end"))
FROM "pg_temp"."staged" AS s
JOIN "pg_temp"."staged_current" AS v ON v."Id" = s."Id" AND v."row_number" = s."row_number"
WHERE coalesce(s."at", now()) < greatest(v."start", v."end")
GROUP BY s.ctid;

-- (prepares)
-- 2. Late records that equal the version of their instant are dropped, and so are late tombstones.
DELETE FROM "pg_temp"."staged" AS s
USING "pg_temp"."staged_late" AS late, "pg_temp"."staged_current" AS v
WHERE late.place = s.ctid
  AND s."at" IS NOT NULL
  AND NOT s."gone"
  AND v."Id" = s."Id" AND v."row_number" = s."row_number"
  AND v."start" <= coalesce(s."at", now())
  AND (v."end" > coalesce(s."at", now()) OR v."end" IS NULL OR v."start" = coalesce(s."at", now()))
  AND NOT (v."say ""hi""" IS DISTINCT FROM s."say ""hi"""
    OR v."excluded" IS DISTINCT FROM s."excluded");

-- (prepares)
DELETE FROM "pg_temp"."staged" AS s
USING "pg_temp"."staged_late" AS late
WHERE late.place = s.ctid
  AND s."at" IS NOT NULL
  AND s."gone";

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
LEFT JOIN "pg_temp"."staged_current" AS l ON l."Id" = s."Id" AND l."row_number" = s."row_number" AND l."active"
WHERE CASE WHEN s."gone" THEN l.tableoid IS NOT NULL ELSE l.tableoid IS NULL
   OR l."say ""hi""" IS DISTINCT FROM s."say ""hi"""
   OR l."excluded" IS DISTINCT FROM s."excluded" END;

-- (updates)
-- 4. The active version ends where the first change of its key takes effect.
UPDATE "public"."a ""target""" AS t
SET "end" = c."_at",
    "active" = false
FROM (SELECT * FROM "pg_temp"."staged_changes" AS r UNION ALL SELECT * FROM "pg_temp"."staged_changes" AS r WHERE false) AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND t."active";

-- (prepares)
UPDATE "pg_temp"."staged_current" AS t
SET "end" = c."_at",
    "active" = false
FROM "pg_temp"."staged_changes" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND t."active";

-- (prepares)
CREATE TEMP TABLE "pg_temp"."staged_back" (LIKE "pg_temp"."staged_changes") ON COMMIT DROP;

-- (prepares)
-- 6. A version of no length that starts where an equal one is to start comes back instead of being there twice.
WITH back AS (
    DELETE FROM "pg_temp"."staged_changes" AS c
    USING "pg_temp"."staged_current" AS t
    WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
      AND t."start" = c."_at"
      AND t."end" = c."_at"
      AND NOT c."gone"
      AND NOT (t."say ""hi""" IS DISTINCT FROM c."say ""hi"""
        OR t."excluded" IS DISTINCT FROM c."excluded")
    RETURNING c.*
)
INSERT INTO "pg_temp"."staged_back"
SELECT * FROM back;

-- (prepares)
-- Which of the versions of no length it is over there cannot be said by all values: Citus compares none by its text. So all
-- of that instant are deleted, and those that stay as they are come again.
CREATE TEMP TABLE "pg_temp"."staged_stays" ON COMMIT DROP AS
SELECT t.*
FROM "pg_temp"."staged_current" AS t
WHERE EXISTS (SELECT FROM "pg_temp"."staged_back" AS c WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
      AND t."start" = c."_at"
      AND t."end" = c."_at")
  AND NOT EXISTS (SELECT FROM "pg_temp"."staged_back" AS c WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
      AND t."start" = c."_at"
      AND t."end" = c."_at"
      AND NOT c."gone"
      AND NOT (t."say ""hi""" IS DISTINCT FROM c."say ""hi"""
        OR t."excluded" IS DISTINCT FROM c."excluded"));

-- (prepares)
DELETE FROM "public"."a ""target""" AS t
USING (SELECT * FROM "pg_temp"."staged_back" AS r UNION ALL SELECT * FROM "pg_temp"."staged_back" AS r WHERE false) AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
      AND t."start" = c."_at"
      AND t."end" = c."_at";

-- (prepares)
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "start", "end", "active")
SELECT t."Id", t."row_number", t."say ""hi""", t."excluded", t."start", t."end", t."active"
FROM "pg_temp"."staged_stays" AS t;

-- (updates)
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "start", "end", "active")
SELECT c."Id", c."row_number", c."say ""hi""", c."excluded", c."_at", c."_upto", c."_upto" IS NULL
FROM "pg_temp"."staged_back" AS c;

-- (inserts)
-- 7. All others start as new rows.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "start", "end", "active")
SELECT c."Id", c."row_number", c."say ""hi""", c."excluded", c."_at", c."_upto", c."_upto" IS NULL
FROM "pg_temp"."staged_changes" AS c
WHERE NOT c."gone"
ORDER BY c."Id", c."row_number";

