-- (prepares)
-- spelled: keys that are equal may be spelled in several ways, such as 1 and 1.0. The first record's spelling stays, as if
-- each record were a batch of its own. After a tombstone that takes its row away, the next record's counts.
CREATE TEMP TABLE "pg_temp"."staged_spelled" ON COMMIT DROP AS
SELECT first_value(s."Id") OVER of_key AS "Id",
    first_value(s."row_number") OVER of_key AS "row_number",
    s."say ""hi""",
    s."excluded",
    s."present",
    s."gone",
    s."at"
FROM (
    SELECT s.*,
        count(*) FILTER (WHERE s."gone" AND s."_counts") OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."_arrival") AS "_life"
    FROM (
        SELECT s.*, ((s."_rank" = s."_newest" AND CASE
        WHEN s."excluded" IS DISTINCT FROM b."excluded" THEN b."excluded" IS NULL OR s."excluded" > b."excluded"
        ELSE true END OR s."gone" AND s."excluded" IS NULL)) IS TRUE AS "_counts" -- else the record is older than what is known of its key, and left out
        FROM (
            SELECT s.*, max(s."_rank") OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."_arrival") AS "_newest"
            FROM (
                SELECT s.*, s.ctid AS "_arrival", rank() OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."excluded" NULLS FIRST) AS "_rank"
                FROM "pg_temp"."staged" AS s
            ) AS s
        ) AS s
        LEFT JOIN "public"."tombstones" AS b ON b."Id" = s."Id" AND b."row_number" = s."row_number"
    ) AS s
) AS s
WINDOW of_key AS (
    PARTITION BY s."Id", s."row_number", s."_life"
    ORDER BY s."_counts" DESC, s."gone", s."_arrival"
)
ORDER BY s."_arrival";

-- (prepares)
-- Tombstones without an order get the newest that is known of their key.
CREATE TEMP TABLE "pg_temp"."staged_filled" ON COMMIT DROP AS
SELECT s."Id",
    s."row_number",
    s."say ""hi""",
    CASE WHEN s."gone" AND s."excluded" IS NULL THEN greatest(first_value(s."excluded") OVER so_far, r."excluded", b."excluded") ELSE s."excluded" END AS "excluded",
    s."present",
    s."gone",
    s."at"
FROM (
    SELECT s.*, max(s."_rank") OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."_arrival") AS "_newest"
    FROM (
        SELECT s.*, s.ctid AS "_arrival",
            rank() OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."excluded" NULLS FIRST) AS "_rank"
        FROM "pg_temp"."staged_spelled" AS s
    ) AS s
) AS s
LEFT JOIN LATERAL (
    SELECT t."excluded"
    FROM "public"."a ""target""" AS t
    WHERE s."gone" AND s."excluded" IS NULL AND t."Id" = s."Id" AND t."row_number" = s."row_number"
    ORDER BY t."excluded" DESC NULLS LAST
    LIMIT 1
) AS r ON true
LEFT JOIN "public"."tombstones" AS b ON b."Id" = s."Id" AND b."row_number" = s."row_number"
WINDOW so_far AS (PARTITION BY s."Id", s."row_number", s."_newest" ORDER BY s."_rank" DESC)
ORDER BY s."_arrival";

-- (prepares)
-- Older than a row of the key.
DELETE FROM "pg_temp"."staged_filled" AS s
USING "public"."a ""target""" AS t
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND CASE
        WHEN s."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR s."excluded" > t."excluded"
        ELSE true END IS NOT TRUE;

-- (prepares)
-- Older than a tombstone of this run.
DELETE FROM "pg_temp"."staged_filled" AS s
USING "public"."tombstones" AS t
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND CASE
        WHEN s."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR s."excluded" > t."excluded"
        ELSE true END IS NOT TRUE;

-- (prepares)
-- Older than a row of the batch that arrived before it.
DELETE FROM "pg_temp"."staged_filled" AS s
USING (
    SELECT o."_place", o."_rank",
        max(o."_rank") OVER (PARTITION BY o."Id", o."row_number" ORDER BY o."_place") AS "_newest"
    FROM (
        SELECT s."Id", s."row_number", s.ctid AS "_place",
            rank() OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."excluded" NULLS FIRST) AS "_rank"
        FROM "pg_temp"."staged_filled" AS s
    ) AS o
) AS o
WHERE o."_rank" < o."_newest"
  AND o."_place" = s.ctid;

-- (prepares)
-- The batches that follow have to know these tombstones.
INSERT INTO "public"."tombstones" AS t ("Id", "row_number", "excluded")
SELECT DISTINCT ON (s."Id", s."row_number") s."Id", s."row_number", s."excluded"
FROM "pg_temp"."staged_filled" AS s
WHERE s."gone"
ORDER BY s."Id", s."row_number", s."excluded" DESC NULLS LAST, s.ctid DESC
ON CONFLICT ("Id", "row_number") DO UPDATE
SET "excluded" = excluded."excluded"
WHERE CASE
        WHEN excluded."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR excluded."excluded" > t."excluded"
        ELSE true END;

-- (deletes)
-- A tombstone deletes its row, also when a later record of this batch brings the key back: what comes then is a new
-- row, through which nothing of the old one shines. Unknown keys match nothing.
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."staged_filled" AS s
WHERE s."gone"
  AND t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND CASE
        WHEN s."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR s."excluded" > t."excluded"
        ELSE true END;

-- (writes)
-- Records that equal their row are left out before the INSERT and not by the WHERE of ON CONFLICT, which would lock the
-- row first: that writes to its page and to the log. So ON CONFLICT sees changed rows, and those that another loader
-- inserted meanwhile. ORDER BY lets two loaders lock rows in one order, so that they wait for each other and do not
-- deadlock.
INSERT INTO "public"."a ""target""" AS t ("Id", "row_number", "say ""hi""", "excluded")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded"
FROM (SELECT DISTINCT ON ("Id", "row_number") * FROM "pg_temp"."staged_filled" ORDER BY "Id", "row_number", ctid DESC) AS s
LEFT JOIN "public"."a ""target""" AS old ON old."Id" = s."Id" AND old."row_number" = s."row_number"
WHERE NOT s."gone"
  AND (old.tableoid IS NULL -- a new key
   OR CASE
        WHEN s."excluded" IS DISTINCT FROM old."excluded" THEN old."excluded" IS NULL OR s."excluded" > old."excluded"
        ELSE true END
  AND (old."say ""hi""" IS DISTINCT FROM s."say ""hi"""
    OR old."excluded" IS DISTINCT FROM s."excluded"))
ORDER BY s."Id", s."row_number"
ON CONFLICT ("Id", "row_number") DO UPDATE
SET "say ""hi""" = excluded."say ""hi""",
    "excluded" = excluded."excluded"
WHERE CASE
        WHEN excluded."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR excluded."excluded" > t."excluded"
        ELSE true END;

