-- (prepares)
SET LOCAL search_path TO DEFAULT;

-- (prepares)
-- Older than a row of the key.
DELETE FROM "pg_temp"."staged" AS s
USING "public"."a ""target""" AS t
WHERE t."Id" OPERATOR(pg_catalog.=) s."Id" AND t."row_number" OPERATOR(pg_catalog.=) s."row_number"
  AND CASE
        WHEN NOT coalesce(s."excluded" OPERATOR(pg_catalog.=) t."excluded", s."excluded" IS NULL AND t."excluded" IS NULL) THEN t."excluded" IS NULL OR s."excluded" OPERATOR(pg_catalog.>) t."excluded"
        WHEN NOT coalesce(s."_sdc_extracted_at" OPERATOR(pg_catalog.=) t."_sdc_extracted_at", s."_sdc_extracted_at" IS NULL AND t."_sdc_extracted_at" IS NULL) THEN t."_sdc_extracted_at" IS NULL OR s."_sdc_extracted_at" OPERATOR(pg_catalog.>) t."_sdc_extracted_at"
        ELSE true END IS NOT TRUE;

-- (prepares)
SET LOCAL search_path TO pg_catalog, pg_temp;

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

-- (prepares)
SET LOCAL search_path TO DEFAULT;

-- (deletes)
-- A tombstone deletes its row, also when a later record of this batch brings the key back: what comes then is a new
-- row, through which nothing of the old one shines. Unknown keys match nothing.
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."staged" AS s
WHERE s."gone"
  AND t."Id" OPERATOR(pg_catalog.=) s."Id" AND t."row_number" OPERATOR(pg_catalog.=) s."row_number"
  AND CASE
        WHEN NOT coalesce(s."excluded" OPERATOR(pg_catalog.=) t."excluded", s."excluded" IS NULL AND t."excluded" IS NULL) THEN t."excluded" IS NULL OR s."excluded" OPERATOR(pg_catalog.>) t."excluded"
        WHEN NOT coalesce(s."_sdc_extracted_at" OPERATOR(pg_catalog.=) t."_sdc_extracted_at", s."_sdc_extracted_at" IS NULL AND t."_sdc_extracted_at" IS NULL) THEN t."_sdc_extracted_at" IS NULL OR s."_sdc_extracted_at" OPERATOR(pg_catalog.>) t."_sdc_extracted_at"
        ELSE true END;

-- (writes)
-- Records that equal their row are left out before the INSERT and not by the WHERE of ON CONFLICT, which would lock the
-- row first: that writes to its page and to the log. So ON CONFLICT sees changed rows, and those that another loader
-- inserted meanwhile. ORDER BY lets two loaders lock rows in one order, so that they wait for each other and do not
-- deadlock.
INSERT INTO "public"."a ""target""" AS t ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version"
FROM (SELECT DISTINCT ON ("Id", "row_number") * FROM "pg_temp"."staged" ORDER BY "Id", "row_number", ctid DESC) AS s
LEFT JOIN "public"."a ""target""" AS old ON old."Id" OPERATOR(pg_catalog.=) s."Id" AND old."row_number" OPERATOR(pg_catalog.=) s."row_number"
WHERE NOT s."gone"
  AND (old.tableoid IS NULL -- a new key
   OR CASE
        WHEN NOT coalesce(s."excluded" OPERATOR(pg_catalog.=) old."excluded", s."excluded" IS NULL AND old."excluded" IS NULL) THEN old."excluded" IS NULL OR s."excluded" OPERATOR(pg_catalog.>) old."excluded"
        WHEN NOT coalesce(s."_sdc_extracted_at" OPERATOR(pg_catalog.=) old."_sdc_extracted_at", s."_sdc_extracted_at" IS NULL AND old."_sdc_extracted_at" IS NULL) THEN old."_sdc_extracted_at" IS NULL OR s."_sdc_extracted_at" OPERATOR(pg_catalog.>) old."_sdc_extracted_at"
        ELSE true END
  AND (NOT coalesce(old."say ""hi""" OPERATOR(pg_catalog.=) s."say ""hi""", old."say ""hi""" IS NULL AND s."say ""hi""" IS NULL)
    OR NOT coalesce(old."excluded" OPERATOR(pg_catalog.=) s."excluded", old."excluded" IS NULL AND s."excluded" IS NULL)
    OR NOT coalesce(old."s"::pg_catalog.text OPERATOR(pg_catalog.=) s."s"::pg_catalog.text, old."s"::pg_catalog.text IS NULL AND s."s"::pg_catalog.text IS NULL)
    OR NOT coalesce(old."t" OPERATOR(pg_catalog.=) s."t", old."t" IS NULL AND s."t" IS NULL)
    OR NOT coalesce(old."🚚; --" OPERATOR(pg_catalog.=) s."🚚; --", old."🚚; --" IS NULL AND s."🚚; --" IS NULL)
    OR NOT coalesce(old."_n" OPERATOR(pg_catalog.=) s."_n", old."_n" IS NULL AND s."_n" IS NULL)
    OR NOT coalesce(old."%s$1"::pg_catalog.text OPERATOR(pg_catalog.=) s."%s$1"::pg_catalog.text, old."%s$1"::pg_catalog.text IS NULL AND s."%s$1"::pg_catalog.text IS NULL)
    OR NOT coalesce(old."_sdc_deleted_at" OPERATOR(pg_catalog.=) s."_sdc_deleted_at", old."_sdc_deleted_at" IS NULL AND s."_sdc_deleted_at" IS NULL)
    OR NOT coalesce(old."_sdc_table_version" OPERATOR(pg_catalog.=) greatest(old."_sdc_table_version", s."_sdc_table_version"), old."_sdc_table_version" IS NULL AND greatest(old."_sdc_table_version", s."_sdc_table_version") IS NULL)))
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
        WHEN NOT coalesce(excluded."excluded" OPERATOR(pg_catalog.=) t."excluded", excluded."excluded" IS NULL AND t."excluded" IS NULL) THEN t."excluded" IS NULL OR excluded."excluded" OPERATOR(pg_catalog.>) t."excluded"
        WHEN NOT coalesce(excluded."_sdc_extracted_at" OPERATOR(pg_catalog.=) t."_sdc_extracted_at", excluded."_sdc_extracted_at" IS NULL AND t."_sdc_extracted_at" IS NULL) THEN t."_sdc_extracted_at" IS NULL OR excluded."_sdc_extracted_at" OPERATOR(pg_catalog.>) t."_sdc_extracted_at"
        ELSE true END;

-- (prepares)
SET LOCAL search_path TO pg_catalog, pg_temp;

