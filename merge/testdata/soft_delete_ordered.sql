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
-- Older than a row of the batch that arrived before it.
DELETE FROM "pg_temp"."staged" AS s
USING (
    SELECT o."_place", o."_rank",
        max(o."_rank") OVER (PARTITION BY o."Id", o."row_number" ORDER BY o."_place") AS "_newest"
    FROM (
        SELECT s."Id", s."row_number", s.ctid AS "_place",
            rank() OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."excluded" NULLS FIRST) AS "_rank"
        FROM "pg_temp"."staged" AS s
    ) AS o
) AS o
WHERE o."_rank" < o."_newest"
  AND o."_place" = s.ctid;

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
-- fold: what several rows of one key amount to. Only where they do not simply replace one another: records that bring
-- some columns and not others (x-pipelinewise-record-update-mode: PATCH), and tombstones which keep the values before
-- them.
-- One row a key says what the whole batch makes of it.
CREATE TEMP TABLE "pg_temp"."staged_folded" ON COMMIT DROP AS
SELECT DISTINCT ON (s."Id", s."row_number")
    s."Id", s."row_number",
    s."say ""hi""" AS "say ""hi""",
    last_value(s."excluded") OVER of_key AS "excluded",
    coalesce(lead(true) OVER of_key, s."gone") AS "gone", -- what follows the last record is a tombstone
    s."gone" AS "_nothing_else" -- there is no record at all
FROM (
    SELECT *, row_number() OVER (PARTITION BY "Id", "row_number" ORDER BY ctid)::int AS "_n"
    FROM "pg_temp"."staged"
) AS s
WINDOW of_key AS (
    PARTITION BY s."Id", s."row_number" ORDER BY s."_n" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
)
-- The last record, or where there is none the first tombstone.
ORDER BY s."Id", s."row_number", s."gone", CASE WHEN s."gone" THEN s."_n" ELSE -s."_n" END;

-- (writes)
-- Records that equal their row, if it is not marked, are left out before the INSERT and not by the WHERE of ON
-- CONFLICT, which would lock the row first: that writes to its page and to the log. ORDER BY lets two loaders lock rows
-- in one order, so that they wait for each other and do not deadlock.
INSERT INTO "public"."a ""target""" AS t ("Id", "row_number", "say ""hi""", "excluded", "deleted")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."gone"
FROM "pg_temp"."staged_folded" AS s
LEFT JOIN "public"."a ""target""" AS old ON old."Id" = s."Id" AND old."row_number" = s."row_number"
WHERE NOT s."_nothing_else"
  AND (old.tableoid IS NULL -- a new key
   OR old."deleted" <> s."gone"
   OR old."say ""hi""" IS DISTINCT FROM s."say ""hi"""
   OR old."excluded" IS DISTINCT FROM s."excluded")
ORDER BY s."Id", s."row_number"
ON CONFLICT ("Id", "row_number") DO UPDATE
SET "say ""hi""" = excluded."say ""hi""",
    "excluded" = excluded."excluded",
    "deleted" = excluded."deleted";

-- (deletes)
-- Tombstones of keys that this batch has no record of: the mark is set, and nothing but the source's own delete marks
-- is taken from them, and their order where there is one. Rows that are marked already stay as they are, but for the order;
-- unknown keys match nothing.
UPDATE "public"."a ""target""" AS t
SET "excluded" = s."excluded",
    "deleted" = true
FROM "pg_temp"."staged_folded" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND s."_nothing_else"
  AND (NOT t."deleted" OR t."excluded" IS DISTINCT FROM s."excluded");

