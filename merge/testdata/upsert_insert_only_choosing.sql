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
SELECT s."Id", s."row_number", s."excluded", s."gone", s.ctid AS "_place",
    row_number() OVER (PARTITION BY s."Id", s."row_number" ORDER BY s.ctid)::int AS "_n"
FROM "pg_temp"."staged" AS s;

-- (prepares)
-- The row that is there comes before them.
INSERT INTO "pg_temp"."staged_events"
SELECT DISTINCT ON (t."Id", t."row_number") t."Id", t."row_number", t."excluded", false, NULL, 0
FROM "public"."a ""target""" AS t
WHERE EXISTS (SELECT FROM "pg_temp"."staged" AS s WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
ORDER BY t."Id", t."row_number", t."excluded" DESC NULLS LAST;

-- (prepares)
CREATE INDEX ON "pg_temp"."staged_events" ("Id", "row_number", "_n");

-- (prepares)
WITH RECURSIVE looked AS (
    SELECT s."Id", s."row_number", 0 AS "_n", 0 AS "_last", t."_n" IS NOT NULL AS "_there"
    FROM "pg_temp"."staged_events" AS s
    LEFT JOIN "pg_temp"."staged_events" AS t ON t."Id" = s."Id" AND t."row_number" = s."row_number" AND t."_n" = 0
    WHERE s."_n" = 1
    UNION ALL
    SELECT s."Id", s."row_number", s."_n",
        CASE WHEN c."_counts" THEN s."_n" ELSE l."_last" END,
        CASE WHEN c."_counts" THEN NOT s."gone" ELSE l."_there" END
    FROM looked AS l
    JOIN "pg_temp"."staged_events" AS s ON s."Id" = l."Id" AND s."row_number" = l."row_number" AND s."_n" = l."_n" + 1
    LEFT JOIN "pg_temp"."staged_events" AS b ON b."Id" = l."Id" AND b."row_number" = l."row_number" AND b."_n" = l."_last"
    CROSS JOIN LATERAL (
        SELECT (s."gone" OR NOT l."_there")
          AND (b."_n" IS NULL OR CASE
        WHEN s."excluded" IS DISTINCT FROM b."excluded" THEN b."excluded" IS NULL OR s."excluded" > b."excluded"
        ELSE true END) AS "_counts"
    ) AS c
)
DELETE FROM "pg_temp"."staged" AS s
USING "pg_temp"."staged_events" AS e
WHERE e."_place" = s.ctid
  AND NOT EXISTS (
      SELECT
      FROM looked AS l
      WHERE l."Id" = e."Id" AND l."row_number" = e."row_number" AND l."_n" = e."_n" AND l."_last" = e."_n"
  );

-- (passes)
-- Of the records that count, those after which a tombstone comes leave no row, and have not been ignored.
SELECT
FROM "pg_temp"."staged" AS s
WHERE NOT s."gone"
  AND EXISTS (SELECT FROM "pg_temp"."staged" AS o WHERE o."Id" = s."Id" AND o."row_number" = s."row_number" AND o."gone" AND o.ctid > s.ctid);

-- (deletes)
-- A tombstone deletes its row, also when a later record of this batch brings the key back: what comes then is a new
-- row, through which nothing of the old one shines. Unknown keys match nothing.
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."staged" AS s
WHERE s."gone"
  AND t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND CASE
        WHEN s."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR s."excluded" > t."excluded"
        ELSE true END;

-- (inserts)
-- Rows that are new. Those that are there are not even locked.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded"
FROM (SELECT DISTINCT ON ("Id", "row_number") * FROM "pg_temp"."staged" ORDER BY "Id", "row_number", "excluded" DESC NULLS LAST, ctid DESC) AS s
WHERE NOT s."gone"
  AND NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
ORDER BY s."Id", s."row_number"
ON CONFLICT ("Id", "row_number") DO NOTHING;

