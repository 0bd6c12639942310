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
CREATE TEMP TABLE "pg_temp"."staged_late" (place tid PRIMARY KEY, bound timestamptz) ON COMMIT DROP;

-- (prepares)
-- The rows are on other servers: what there is of the batch's keys is fetched once.
CREATE TEMP TABLE "pg_temp"."staged_current" ON COMMIT DROP AS
SELECT t."Id", t."row_number", t."say ""hi""", t."excluded", t."s", t."t", t."🚚; --", t."_n", t."%s$1", t."_sdc_deleted_at", t."_sdc_extracted_at", t."_sdc_table_version", t."start", t."end", t."active"
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
CREATE TEMP TABLE "pg_temp"."staged_changes" ON COMMIT DROP AS
SELECT "Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version", now() AS "__at", now() AS "__upto", "gone", 0::bigint AS "__n", "_sdc_table_version" AS "__before"
FROM "pg_temp"."staged"
WITH NO DATA;

-- (prepares)
-- 3. What changes: the first row of a key against the active version, every other against the row before it, which
-- tells what the state is then. A change lasts up to the next one.
INSERT INTO "pg_temp"."staged_changes"
SELECT s."Id",
    s."row_number",
    s."say ""hi""",
    CASE WHEN s."gone" THEN s."__latest1" WHEN lead(s."gone") OVER of_key THEN lead(s."__latest1") OVER of_key ELSE s."excluded" END,
    s."s",
    s."t",
    s."🚚; --",
    s."_n",
    s."%s$1",
    s."_sdc_deleted_at",
    s."_sdc_extracted_at",
    CASE WHEN lead(true) OVER of_key THEN lead(s."__before") OVER of_key ELSE s."__last" END,
    s."__at", lead(s."__at") OVER of_key, s."gone", s."__n", s."__before"
FROM (
    SELECT s.*,
        greatest(coalesce(s."at", now()), late.bound) AS "__at",
        row_number() OVER so_far AS "__n",
        coalesce(lag(NOT s."gone", 1, l."active") OVER so_far, false) AS "__alive",
        (lag(s."say ""hi""", 1, l."say ""hi""") OVER so_far IS DISTINCT FROM s."say ""hi"""
        OR lag(s."excluded", 1, l."excluded") OVER so_far IS DISTINCT FROM s."excluded"
        OR lag(s."s"::text, 1, l."s"::text) OVER so_far IS DISTINCT FROM s."s"::text
        OR lag(s."t", 1, l."t") OVER so_far IS DISTINCT FROM s."t"
        OR lag(s."🚚; --", 1, l."🚚; --") OVER so_far IS DISTINCT FROM s."🚚; --"
        OR lag(s."_n", 1, l."_n") OVER so_far IS DISTINCT FROM s."_n"
        OR lag(s."%s$1"::text, 1, l."%s$1"::text) OVER so_far IS DISTINCT FROM s."%s$1"::text) AS "__differs",
        lag(s."_sdc_table_version") OVER so_far AS "__before",
        last_value(s."_sdc_table_version") OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "__last",
        last_value(s."excluded") OVER in_a_row AS "__latest1"
    FROM (
        SELECT *, ctid AS "__place",
            count(*) FILTER (WHERE NOT "gone") OVER (PARTITION BY "Id", "row_number" ORDER BY ctid) AS "__records"
        FROM "pg_temp"."staged"
    ) AS s
    LEFT JOIN "pg_temp"."staged_late" AS late ON late.place = s."__place"
    LEFT JOIN "pg_temp"."staged_current" AS l ON l."Id" = s."Id" AND l."row_number" = s."row_number" AND l."active"
    WINDOW so_far AS (PARTITION BY s."Id", s."row_number" ORDER BY s."__place"),
        in_a_row AS (
            PARTITION BY s."Id", s."row_number", s."__records" ORDER BY s."__place"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        )
) AS s
WHERE CASE WHEN s."gone" THEN s."__alive" ELSE NOT s."__alive" OR s."__differs" END
WINDOW of_key AS (PARTITION BY s."Id", s."row_number" ORDER BY s."__n");

-- (prepares)
CREATE TEMP TABLE "pg_temp"."staged_ends" ON COMMIT DROP AS
SELECT DISTINCT ON ("Id", "row_number") * FROM "pg_temp"."staged_changes" ORDER BY "Id", "row_number", "__n";

-- (updates)
-- 4. The active version ends where the first change of its key takes effect.
UPDATE "public"."a ""target""" AS t
SET "end" = c."__at",
    "active" = false,
    "excluded" = CASE WHEN c."gone" THEN c."excluded" ELSE t."excluded" END,
    "_sdc_table_version" = CASE WHEN c."__n" > 1 THEN c."__before" ELSE t."_sdc_table_version" END
FROM "pg_temp"."staged_ends" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND t."active";

-- (prepares)
UPDATE "pg_temp"."staged_current" AS t
SET "end" = c."__at",
    "active" = false,
    "excluded" = CASE WHEN c."gone" THEN c."excluded" ELSE t."excluded" END,
    "_sdc_table_version" = CASE WHEN c."__n" > 1 THEN c."__before" ELSE t."_sdc_table_version" END
FROM "pg_temp"."staged_ends" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND t."active";

-- (prepares)
-- 5. Of equal versions that start at one instant the last stands for all: the key went away from it and came back.
DELETE FROM "pg_temp"."staged_changes" AS c
USING (
    SELECT c."__place" AS place, lead(true) OVER (PARTITION BY c."Id", c."row_number", c."__at", c."say ""hi""", c."excluded", c."s"::text, c."t", c."🚚; --", c."_n", c."%s$1"::text ORDER BY c."__n") AS again
    FROM (
        SELECT *, ctid AS "__place",
            bool_or("__upto" = "__at") OVER (PARTITION BY "Id", "row_number", "__at") AS "__brief"
        FROM "pg_temp"."staged_changes"
    ) AS c
    WHERE c."__brief"
      AND NOT c."gone"
) AS d
WHERE d.again
  AND d.place = c.ctid;

-- (prepares)
CREATE TEMP TABLE "pg_temp"."staged_back" (LIKE "pg_temp"."staged_changes") ON COMMIT DROP;

-- (prepares)
-- 6. A version of no length that starts where an equal one is to start comes back instead of being there twice.
WITH back AS (
    DELETE FROM "pg_temp"."staged_changes" AS c
    USING "pg_temp"."staged_current" AS t
    WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
      AND t."start" = c."__at"
      AND t."end" = c."__at"
      AND NOT c."gone"
      AND NOT (t."say ""hi""" IS DISTINCT FROM c."say ""hi"""
        OR t."excluded" IS DISTINCT FROM c."excluded"
        OR t."s"::text IS DISTINCT FROM c."s"::text
        OR t."t" IS DISTINCT FROM c."t"
        OR t."🚚; --" IS DISTINCT FROM c."🚚; --"
        OR t."_n" IS DISTINCT FROM c."_n"
        OR t."%s$1"::text IS DISTINCT FROM c."%s$1"::text)
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
      AND t."start" = c."__at"
      AND t."end" = c."__at")
  AND NOT EXISTS (SELECT FROM "pg_temp"."staged_back" AS c WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
      AND t."start" = c."__at"
      AND t."end" = c."__at"
      AND NOT c."gone"
      AND NOT (t."say ""hi""" IS DISTINCT FROM c."say ""hi"""
        OR t."excluded" IS DISTINCT FROM c."excluded"
        OR t."s"::text IS DISTINCT FROM c."s"::text
        OR t."t" IS DISTINCT FROM c."t"
        OR t."🚚; --" IS DISTINCT FROM c."🚚; --"
        OR t."_n" IS DISTINCT FROM c."_n"
        OR t."%s$1"::text IS DISTINCT FROM c."%s$1"::text));

-- (prepares)
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."staged_back" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
      AND t."start" = c."__at"
      AND t."end" = c."__at";

-- (prepares)
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version", "start", "end", "active")
SELECT t."Id", t."row_number", t."say ""hi""", t."excluded", t."s", t."t", t."🚚; --", t."_n", t."%s$1", t."_sdc_deleted_at", t."_sdc_extracted_at", t."_sdc_table_version", t."start", t."end", t."active"
FROM "pg_temp"."staged_stays" AS t;

-- (updates)
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version", "start", "end", "active")
SELECT c."Id", c."row_number", c."say ""hi""", c."excluded", c."s", c."t", c."🚚; --", c."_n", c."%s$1", c."_sdc_deleted_at", c."_sdc_extracted_at", c."_sdc_table_version", c."__at", c."__upto", c."__upto" IS NULL
FROM "pg_temp"."staged_back" AS c;

-- (inserts)
-- 7. All others start as new rows.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version", "start", "end", "active")
SELECT c."Id", c."row_number", c."say ""hi""", c."excluded", c."s", c."t", c."🚚; --", c."_n", c."%s$1", c."_sdc_deleted_at", c."_sdc_extracted_at", c."_sdc_table_version", c."__at", c."__upto", c."__upto" IS NULL
FROM "pg_temp"."staged_changes" AS c
WHERE NOT c."gone"
ORDER BY c."Id", c."row_number", c."__n";

-- (prepares)
CREATE TEMP TABLE "pg_temp"."staged_told" ON COMMIT DROP AS
SELECT s."Id", s."row_number", s."_sdc_table_version"
FROM (SELECT DISTINCT ON ("Id", "row_number") * FROM "pg_temp"."staged" ORDER BY "Id", "row_number", ctid DESC) AS s
JOIN "pg_temp"."staged_current" AS t ON t."Id" = s."Id" AND t."row_number" = s."row_number"
WHERE t."active"
  AND NOT s."gone"
  AND t."_sdc_table_version" IS DISTINCT FROM s."_sdc_table_version";

-- (updates)
-- 8. A record without news still tells the active version which pass it was seen in.
UPDATE "public"."a ""target""" AS t
SET "_sdc_table_version" = s."_sdc_table_version"
FROM "pg_temp"."staged_told" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND t."active";

