-- (prepares)
-- The rows are on other servers: what they say of the batch's keys is fetched once.
CREATE TEMP TABLE "pg_temp"."staged_there" ON COMMIT DROP AS
SELECT t."Id", t."row_number"
FROM "public"."a ""target""" AS t
JOIN (SELECT DISTINCT "Id", "row_number" FROM "pg_temp"."staged") AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number";

-- (prepares)
-- Which record of a key is the first depends on the tombstones before it. So records and tombstones are looked at one after the
-- other: a record counts where there is no row, a tombstone where it is not older than what counted before it.
CREATE TEMP TABLE "pg_temp"."staged_events" ON COMMIT DROP AS
SELECT s."Id", s."row_number", s."gone", s.ctid AS "_place",
    row_number() OVER (PARTITION BY s."Id", s."row_number" ORDER BY s.ctid)::int AS "_n"
FROM "pg_temp"."staged" AS s;

-- (prepares)
-- The row that is there comes before them.
INSERT INTO "pg_temp"."staged_events"
SELECT DISTINCT ON (t."Id", t."row_number") t."Id", t."row_number", false, NULL, 0
FROM "pg_temp"."staged_there" AS t
WHERE EXISTS (SELECT FROM "pg_temp"."staged" AS s WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
ORDER BY t."Id", t."row_number";

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
        SELECT (s."gone" OR NOT l."_there") AS "_counts"
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

-- (prepares)
CREATE TEMP TABLE "pg_temp"."staged_tombs" ON COMMIT DROP AS
SELECT s."Id", s."row_number"
FROM "pg_temp"."staged" AS s
WHERE s."gone";

-- (deletes)
-- A tombstone deletes its row, also when a later record of this batch brings the key back: what comes then is a new
-- row, through which nothing of the old one shines. Unknown keys match nothing.
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."staged_tombs" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number";

-- (prepares)
-- What there is of the batch's keys.
CREATE TEMP TABLE "pg_temp"."staged_current" ON COMMIT DROP AS
SELECT t."Id", t."row_number", t."say ""hi""", t."excluded", true AS "_there"
FROM "public"."a ""target""" AS t
JOIN (SELECT DISTINCT ON ("Id", "row_number") * FROM "pg_temp"."staged" ORDER BY "Id", "row_number", ctid DESC) AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number";

-- (prepares)
-- Records that change something, as whole rows. One whose row has to lie elsewhere than it does is a new row, too.
CREATE TEMP TABLE "pg_temp"."staged_news" ON COMMIT DROP AS
SELECT s."Id", s."row_number",
    s."say ""hi""" AS "say ""hi""",
    s."excluded" AS "excluded",
    old."_there" IS NULL AS "_is_new"
FROM (SELECT DISTINCT ON ("Id", "row_number") * FROM "pg_temp"."staged" ORDER BY "Id", "row_number", ctid DESC) AS s
LEFT JOIN "pg_temp"."staged_current" AS old ON old."Id" = s."Id" AND old."row_number" = s."row_number"
WHERE NOT s."gone"
  AND old."_there" IS NULL;

-- (inserts)
-- Rows that are new. No ON CONFLICT: for that, Citus makes a connection for every shard. A key that another program has
-- inserted meanwhile is refused by the unique index, and the next attempt finds it.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded"
FROM "pg_temp"."staged_news" AS s
WHERE s."_is_new"
ORDER BY s."Id", s."row_number";

