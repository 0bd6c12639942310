-- (prepares)
-- fold: what several rows of one key amount to. Only where they do not simply replace one another: records that bring
-- some columns and not others (x-pipelinewise-record-update-mode: PATCH), and tombstones which keep the values before
-- them.
-- One row a key says what the whole batch makes of it.
CREATE TEMP TABLE "pg_temp"."staged_folded" ON COMMIT DROP AS
SELECT DISTINCT ON (s."Id", s."row_number")
    s."Id", s."row_number",
    s."say ""hi""" AS "say ""hi""",
    s."excluded" AS "excluded",
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

-- (prepares)
-- What there is of the batch's keys.
CREATE TEMP TABLE "pg_temp"."staged_current" ON COMMIT DROP AS
SELECT t."Id", t."row_number", t."say ""hi""", t."excluded", t."s", t."t", t."🚚; --", t."_n", t."%s$1", t."_sdc_deleted_at", t."_sdc_extracted_at", t."_sdc_table_version", t."deleted", true AS "__there"
FROM "public"."a ""target""" AS t
JOIN "pg_temp"."staged_folded" AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND t."Id" = ANY (ARRAY(SELECT s."Id" FROM "pg_temp"."staged" AS s))
  AND t."row_number" = ANY (ARRAY(SELECT s."row_number" FROM "pg_temp"."staged" AS s));

-- (prepares)
-- Records that change something, as whole rows. One whose row has to lie elsewhere than it does is a new row, too.
CREATE TEMP TABLE "pg_temp"."staged_news" ON COMMIT DROP AS
SELECT s."Id", s."row_number",
    s."say ""hi""" AS "say ""hi""",
    s."excluded" AS "excluded",
    s."s" AS "s",
    s."t" AS "t",
    s."🚚; --" AS "🚚; --",
    s."_n" AS "_n",
    s."%s$1" AS "%s$1",
    s."_sdc_deleted_at" AS "_sdc_deleted_at",
    s."_sdc_extracted_at" AS "_sdc_extracted_at",
    greatest(old."_sdc_table_version", s."_sdc_table_version") AS "_sdc_table_version",
    s."gone" AS "deleted",
    old."__there" IS NULL AS "__is_new"
FROM "pg_temp"."staged_folded" AS s
LEFT JOIN "pg_temp"."staged_current" AS old ON old."Id" = s."Id" AND old."row_number" = s."row_number"
WHERE NOT s."__nothing_else"
  AND (old."__there" IS NULL
   OR old."deleted" <> s."gone"
   OR old."say ""hi""" IS DISTINCT FROM s."say ""hi"""
   OR old."excluded" IS DISTINCT FROM s."excluded"
   OR old."s"::text IS DISTINCT FROM s."s"::text
   OR old."t" IS DISTINCT FROM s."t"
   OR old."🚚; --" IS DISTINCT FROM s."🚚; --"
   OR old."_n" IS DISTINCT FROM s."_n"
   OR old."%s$1"::text IS DISTINCT FROM s."%s$1"::text
   OR old."_sdc_deleted_at" IS DISTINCT FROM s."_sdc_deleted_at"
   OR old."_sdc_table_version" IS DISTINCT FROM greatest(old."_sdc_table_version", s."_sdc_table_version"));

-- (updates)
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = s."say ""hi""",
    "excluded" = s."excluded",
    "s" = s."s",
    "t" = s."t",
    "🚚; --" = s."🚚; --",
    "_n" = s."_n",
    "%s$1" = s."%s$1",
    "_sdc_deleted_at" = s."_sdc_deleted_at",
    "_sdc_extracted_at" = s."_sdc_extracted_at",
    "_sdc_table_version" = s."_sdc_table_version",
    "deleted" = s."deleted"
FROM "pg_temp"."staged_news" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND NOT s."__is_new"
  AND t."Id" = ANY (ARRAY(SELECT s."Id" FROM "pg_temp"."staged_news" AS s))
  AND t."row_number" = ANY (ARRAY(SELECT s."row_number" FROM "pg_temp"."staged_news" AS s));

-- (inserts)
-- Rows that are new. No ON CONFLICT: for that, Citus makes a connection for every shard. A key that another program has
-- inserted meanwhile is refused by the unique index, and the next attempt finds it.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version", "deleted")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version", s."deleted"
FROM "pg_temp"."staged_news" AS s
WHERE s."__is_new"
ORDER BY s."Id", s."row_number";

-- (deletes)
-- Tombstones of keys that this batch has no record of: the mark is set, and nothing but the source's own delete marks
-- is taken from them, and their order where there is one. Rows that are marked already stay as they are, but for the order;
-- unknown keys match nothing.
UPDATE "public"."a ""target""" AS t
SET "_sdc_deleted_at" = coalesce(s."_sdc_deleted_at", t."_sdc_deleted_at"),
    "deleted" = true
FROM "pg_temp"."staged_folded" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND s."__nothing_else"
  AND NOT t."deleted"
  AND t."Id" = ANY (ARRAY(SELECT s."Id" FROM "pg_temp"."staged_folded" AS s))
  AND t."row_number" = ANY (ARRAY(SELECT s."row_number" FROM "pg_temp"."staged_folded" AS s));

