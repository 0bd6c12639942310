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

-- (ignores)
DELETE FROM "pg_temp"."staged" AS s
WHERE NOT s."gone"
  AND NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number");

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

-- (updates)
-- Rows that changed. Without a unique index, or with records that bring only some columns, there is nothing for ON
-- CONFLICT to go by. What a partial record lacks keeps the value that the row has when it is locked.
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = s."say ""hi""",
    "excluded" = s."excluded"
FROM (SELECT DISTINCT ON ("Id", "row_number") * FROM "pg_temp"."staged" ORDER BY "Id", "row_number", ctid DESC) AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND NOT s."gone"
  AND CASE
        WHEN s."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR s."excluded" > t."excluded"
        ELSE true END
  AND (t."say ""hi""" IS DISTINCT FROM s."say ""hi"""
    OR t."excluded" IS DISTINCT FROM s."excluded");

