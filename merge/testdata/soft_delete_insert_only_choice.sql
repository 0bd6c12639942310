-- (prepares)
-- A row that stays as it is has still been in this pass of the stream: the end of the pass would remove it otherwise.
UPDATE "public"."a ""target""" AS t
SET "_sdc_table_version" = s."_sdc_table_version"
FROM "pg_temp"."staged" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND NOT s."gone"
  AND NOT EXISTS (SELECT FROM "pg_temp"."staged" AS o WHERE o."Id" = s."Id" AND o."row_number" = s."row_number" AND o."_sdc_table_version" > s."_sdc_table_version")
  AND (t."_sdc_table_version" IS NULL OR t."_sdc_table_version" < s."_sdc_table_version");

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
-- Which record of a key is the first depends on the tombstones before it. So records and tombstones are looked at one after the
-- other: a record counts where there is no row, a tombstone where it is not older than what counted before it.
CREATE TEMP TABLE "pg_temp"."staged_events" ON COMMIT DROP AS
SELECT s."Id", s."row_number", s."excluded", s."gone", s.ctid AS "__place",
    row_number() OVER (PARTITION BY s."Id", s."row_number" ORDER BY s.ctid)::int AS "__n"
FROM "pg_temp"."staged" AS s;

-- (prepares)
-- The row that is there comes before them.
INSERT INTO "pg_temp"."staged_events"
SELECT DISTINCT ON (t."Id", t."row_number") t."Id", t."row_number", t."excluded", false, NULL, 0
FROM "public"."a ""target""" AS t
WHERE EXISTS (SELECT FROM "pg_temp"."staged" AS s WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
ORDER BY t."Id", t."row_number", t."excluded" DESC NULLS LAST;

-- (prepares)
CREATE INDEX ON "pg_temp"."staged_events" ("Id", "row_number", "__n");

-- (prepares)
WITH RECURSIVE looked AS (
    SELECT s."Id", s."row_number", 0 AS "__n", 0 AS "__last", t."__n" IS NOT NULL AS "__there"
    FROM "pg_temp"."staged_events" AS s
    LEFT JOIN "pg_temp"."staged_events" AS t ON t."Id" = s."Id" AND t."row_number" = s."row_number" AND t."__n" = 0
    WHERE s."__n" = 1
    UNION ALL
    SELECT s."Id", s."row_number", s."__n",
        CASE WHEN c."__counts" THEN s."__n" ELSE l."__last" END,
        CASE WHEN c."__counts" THEN l."__there" OR NOT s."gone" ELSE l."__there" END
    FROM looked AS l
    JOIN "pg_temp"."staged_events" AS s ON s."Id" = l."Id" AND s."row_number" = l."row_number" AND s."__n" = l."__n" + 1
    LEFT JOIN "pg_temp"."staged_events" AS b ON b."Id" = l."Id" AND b."row_number" = l."row_number" AND b."__n" = l."__last"
    CROSS JOIN LATERAL (
        SELECT (s."gone" OR NOT l."__there")
          AND (b."__n" IS NULL OR CASE
        WHEN s."excluded" IS DISTINCT FROM b."excluded" THEN b."excluded" IS NULL OR s."excluded" > b."excluded"
        ELSE true END) AS "__counts"
    ) AS c
)
DELETE FROM "pg_temp"."staged" AS s
USING "pg_temp"."staged_events" AS e
WHERE e."__place" = s.ctid
  AND NOT EXISTS (
      SELECT
      FROM looked AS l
      WHERE l."Id" = e."Id" AND l."row_number" = e."row_number" AND l."__n" = e."__n" AND l."__last" = e."__n"
  );

-- (prepares)
-- fold: what several rows of one key amount to. Only where they do not simply replace one another: records that bring
-- some columns and not others (x-pipelinewise-record-update-mode: PATCH), and tombstones which keep the values before
-- them.
-- One row a key says what the whole batch makes of it.
CREATE TEMP TABLE "pg_temp"."staged_folded" ON COMMIT DROP AS
SELECT DISTINCT ON (s."Id", s."row_number")
    s."Id", s."row_number",
    s."say ""hi""" AS "say ""hi""",
    last_value(s."excluded") OVER of_key AS "excluded",
    s."s" AS "s",
    s."t" AS "t",
    s."🚚; --" AS "🚚; --",
    s."_n" AS "_n",
    s."%s$1" AS "%s$1",
    CASE WHEN s."gone" THEN s."_sdc_deleted_at" ELSE coalesce(lead(s."_sdc_deleted_at") OVER of_key, s."_sdc_deleted_at") END AS "_sdc_deleted_at",
    s."_sdc_extracted_at" AS "_sdc_extracted_at",
    s."_sdc_table_version" AS "_sdc_table_version",
    coalesce(lead(true) OVER of_key, s."gone") AS "gone", -- what follows the last record is a tombstone
    s."gone" AS "__nothing_else" -- there is no record at all
FROM (
    SELECT *, row_number() OVER (PARTITION BY "Id", "row_number" ORDER BY ctid)::int AS "__n"
    FROM "pg_temp"."staged"
) AS s
WINDOW of_key AS (
    PARTITION BY s."Id", s."row_number" ORDER BY s."__n" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
)
-- The last record, or where there is none the first tombstone.
ORDER BY s."Id", s."row_number", s."gone", CASE WHEN s."gone" THEN s."__n" ELSE -s."__n" END;

-- (inserts)
-- Rows that are new. Those that are there are not even locked, and stay marked if they are.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version", "deleted")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version", s."gone"
FROM "pg_temp"."staged_folded" AS s
WHERE NOT s."__nothing_else"
  AND NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
ORDER BY s."Id", s."row_number";

-- (deletes)
-- Tombstones of keys that this batch has no record of: the mark is set, and nothing but the source's own delete marks
-- is taken from them, and their order where there is one. Rows that are marked already stay as they are, but for the order;
-- unknown keys match nothing.
UPDATE "public"."a ""target""" AS t
SET "_sdc_deleted_at" = CASE WHEN t."deleted" THEN t."_sdc_deleted_at" ELSE coalesce(s."_sdc_deleted_at", t."_sdc_deleted_at") END,
    "excluded" = s."excluded",
    "deleted" = true
FROM "pg_temp"."staged_folded" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND s."__nothing_else"
  AND (NOT t."deleted" OR t."excluded" IS DISTINCT FROM s."excluded");

