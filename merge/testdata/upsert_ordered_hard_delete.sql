-- (prepares)
-- Older than a row of the key.
DELETE FROM "pg_temp"."staged" AS s
USING "public"."a ""target""" AS t
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND CASE
        WHEN s."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR s."excluded" > t."excluded"
        WHEN s."_sdc_extracted_at" IS DISTINCT FROM t."_sdc_extracted_at" THEN t."_sdc_extracted_at" IS NULL OR s."_sdc_extracted_at" > t."_sdc_extracted_at"
        ELSE true END IS NOT TRUE;

-- (prepares)
-- Older than a row of the batch that arrived before it.
DELETE FROM "pg_temp"."staged" AS s
USING (
    SELECT o."__place", o."__rank",
        max(o."__rank") OVER (PARTITION BY o."Id", o."row_number" ORDER BY o."__place") AS "__newest"
    FROM (
        SELECT s."Id", s."row_number", s.ctid AS "__place",
            rank() OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."excluded" NULLS FIRST, s."_sdc_extracted_at" NULLS FIRST) AS "__rank"
        FROM "pg_temp"."staged" AS s
    ) AS o
) AS o
WHERE o."__rank" < o."__newest"
  AND o."__place" = s.ctid;

-- (deletes)
-- A tombstone deletes its row, also when a later record of this batch brings the key back: what comes then is a new
-- row, through which nothing of the old one shines. Unknown keys match nothing.
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."staged" AS s
WHERE s."gone"
  AND t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND CASE
        WHEN s."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR s."excluded" > t."excluded"
        WHEN s."_sdc_extracted_at" IS DISTINCT FROM t."_sdc_extracted_at" THEN t."_sdc_extracted_at" IS NULL OR s."_sdc_extracted_at" > t."_sdc_extracted_at"
        ELSE true END;

-- (writes)
-- Records that equal their row are left out before the INSERT and not by the WHERE of ON CONFLICT, which would lock the
-- row first: that writes to its page and to the log. So ON CONFLICT sees changed rows, and those that another loader
-- inserted meanwhile. ORDER BY lets two loaders lock rows in one order, so that they wait for each other and do not
-- deadlock.
INSERT INTO "public"."a ""target""" AS t ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version"
FROM (SELECT DISTINCT ON ("Id", "row_number") * FROM "pg_temp"."staged" ORDER BY "Id", "row_number", ctid DESC) AS s
LEFT JOIN "public"."a ""target""" AS old ON old."Id" = s."Id" AND old."row_number" = s."row_number"
WHERE NOT s."gone"
  AND (old.tableoid IS NULL -- a new key
   OR CASE
        WHEN s."excluded" IS DISTINCT FROM old."excluded" THEN old."excluded" IS NULL OR s."excluded" > old."excluded"
        WHEN s."_sdc_extracted_at" IS DISTINCT FROM old."_sdc_extracted_at" THEN old."_sdc_extracted_at" IS NULL OR s."_sdc_extracted_at" > old."_sdc_extracted_at"
        ELSE true END
  AND (old."say ""hi""" IS DISTINCT FROM s."say ""hi"""
    OR old."excluded" IS DISTINCT FROM s."excluded"
    OR old."s"::text IS DISTINCT FROM s."s"::text
    OR old."t" IS DISTINCT FROM s."t"
    OR old."🚚; --" IS DISTINCT FROM s."🚚; --"
    OR old."_n" IS DISTINCT FROM s."_n"
    OR old."%s$1"::text IS DISTINCT FROM s."%s$1"::text
    OR old."_sdc_deleted_at" IS DISTINCT FROM s."_sdc_deleted_at"
    OR old."_sdc_table_version" IS DISTINCT FROM greatest(old."_sdc_table_version", s."_sdc_table_version")))
ORDER BY s."Id", s."row_number"
ON CONFLICT ("Id", "row_number") DO UPDATE
SET "say ""hi""" = excluded."say ""hi""",
    "excluded" = excluded."excluded",
    "s" = excluded."s",
    "t" = excluded."t",
    "🚚; --" = excluded."🚚; --",
    "_n" = excluded."_n",
    "%s$1" = excluded."%s$1",
    "_sdc_deleted_at" = excluded."_sdc_deleted_at",
    "_sdc_extracted_at" = excluded."_sdc_extracted_at",
    "_sdc_table_version" = greatest(t."_sdc_table_version", excluded."_sdc_table_version")
WHERE CASE
        WHEN excluded."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR excluded."excluded" > t."excluded"
        WHEN excluded."_sdc_extracted_at" IS DISTINCT FROM t."_sdc_extracted_at" THEN t."_sdc_extracted_at" IS NULL OR excluded."_sdc_extracted_at" > t."_sdc_extracted_at"
        ELSE true END;

