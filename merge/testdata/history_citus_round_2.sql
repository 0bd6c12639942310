-- (prepares)
TRUNCATE "pg_temp"."staged_late";

-- (prepares)
-- The rows are on other servers: what there is of the batch's keys is fetched once.
TRUNCATE "pg_temp"."staged_current";

-- (prepares)
INSERT INTO "pg_temp"."staged_current"
SELECT t."Id", t."row_number", t."say ""hi""", t."excluded", t."s", t."t", t."🚚; --", t."_n", t."%s$1", t."_sdc_deleted_at", t."_sdc_extracted_at", t."_sdc_table_version", t."start", t."end", t."active"
FROM "public"."a ""target""" AS t
JOIN (SELECT DISTINCT "Id", "row_number" FROM "pg_temp"."staged_rounds") AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number";

-- (prepares)
-- 1. Which rows are late, and the newest start or end of their keys. Mostly there are none.
INSERT INTO "pg_temp"."staged_late"
SELECT s.ctid, max(greatest(v."start", v."end"))
FROM "pg_temp"."staged_rounds" AS s
JOIN "pg_temp"."staged_current" AS v ON v."Id" = s."Id" AND v."row_number" = s."row_number"
WHERE coalesce(s."at", now()) < greatest(v."start", v."end")
  AND s."__round" = 2
GROUP BY s.ctid;

-- (prepares)
-- 2. Late records that equal the version of their instant are dropped, and so are late tombstones.
DELETE FROM "pg_temp"."staged_rounds" AS s
USING "pg_temp"."staged_late" AS late, "pg_temp"."staged_current" AS v
WHERE late.place = s.ctid
  AND s."at" IS NOT NULL
  AND NOT s."gone"
  AND v."Id" = s."Id" AND v."row_number" = s."row_number"
  AND v."start" <= coalesce(s."at", now())
  AND (v."end" > coalesce(s."at", now()) OR v."end" IS NULL OR v."start" = coalesce(s."at", now()))
  AND NOT (v."say ""hi""" IS DISTINCT FROM s."say ""hi"""
    OR v."excluded" IS DISTINCT FROM s."excluded"
    OR v."s"::text IS DISTINCT FROM s."s"::text
    OR v."t" IS DISTINCT FROM s."t"
    OR v."🚚; --" IS DISTINCT FROM s."🚚; --"
    OR v."_n" IS DISTINCT FROM s."_n"
    OR v."%s$1"::text IS DISTINCT FROM s."%s$1"::text);

-- (prepares)
DELETE FROM "pg_temp"."staged_rounds" AS s
USING "pg_temp"."staged_late" AS late
WHERE late.place = s.ctid
  AND s."at" IS NOT NULL
  AND s."gone";

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
        last_value(s."_sdc_table_version") OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "__last"
    FROM (
        SELECT *, ctid AS "__place"
        FROM "pg_temp"."staged_rounds"
        WHERE "__round" = 2
    ) AS s
    LEFT JOIN "pg_temp"."staged_late" AS late ON late.place = s."__place"
    LEFT JOIN "pg_temp"."staged_current" AS l ON l."Id" = s."Id" AND l."row_number" = s."row_number" AND l."active"
    WINDOW so_far AS (PARTITION BY s."Id", s."row_number" ORDER BY s."__place")
) AS s
WHERE CASE WHEN s."gone" THEN s."__alive" ELSE NOT s."__alive" OR s."__differs" END
WINDOW of_key AS (PARTITION BY s."Id", s."row_number" ORDER BY s."__n");

-- (prepares)
TRUNCATE "pg_temp"."staged_ends";

-- (prepares)
INSERT INTO "pg_temp"."staged_ends"
SELECT DISTINCT ON ("Id", "row_number") * FROM "pg_temp"."staged_changes" ORDER BY "Id", "row_number", "__n";

-- (updates)
-- 4. The active version ends where the first change of its key takes effect.
UPDATE "public"."a ""target""" AS t
SET "end" = c."__at",
    "active" = false,
    "_sdc_table_version" = CASE WHEN c."__n" > 1 THEN c."__before" ELSE t."_sdc_table_version" END
FROM "pg_temp"."staged_ends" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND t."active";

-- (prepares)
UPDATE "pg_temp"."staged_current" AS t
SET "end" = c."__at",
    "active" = false,
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
TRUNCATE "pg_temp"."staged_back";

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
TRUNCATE "pg_temp"."staged_stays";

-- (prepares)
INSERT INTO "pg_temp"."staged_stays"
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
TRUNCATE "pg_temp"."staged_told";

-- (prepares)
INSERT INTO "pg_temp"."staged_told"
SELECT s."Id", s."row_number", s."_sdc_table_version"
FROM (SELECT DISTINCT ON ("Id", "row_number") * FROM "pg_temp"."staged_rounds" WHERE "__round" = 2 ORDER BY "Id", "row_number", ctid DESC) AS s
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

