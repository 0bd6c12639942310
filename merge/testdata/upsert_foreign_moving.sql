-- (prepares)
-- What there is of the batch's keys.
CREATE TEMP TABLE "pg_temp"."staged_current" ON COMMIT DROP AS
SELECT t."Id", t."row_number", t."say ""hi""", t."excluded", t."s", t."t", t."🚚; --", t."_n", t."%s$1", t."_sdc_deleted_at", t."_sdc_extracted_at", t."_sdc_table_version", true AS "__there"
FROM "public"."a ""target""" AS t
JOIN "pg_temp"."staged" AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND t."Id" = ANY (ARRAY(SELECT s."Id" FROM "pg_temp"."staged" AS s))
  AND t."row_number" = ANY (ARRAY(SELECT s."row_number" FROM "pg_temp"."staged" AS s));

-- (prepares)
-- Records that change something, as whole rows. One whose row has to lie elsewhere than it does is a new row, too.
CREATE TEMP TABLE "pg_temp"."staged_news" ON COMMIT DROP AS
SELECT s."Id", s."row_number",
    CASE WHEN substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0' THEN s."say ""hi""" ELSE old."say ""hi""" END AS "say ""hi""",
    CASE WHEN substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0' THEN s."excluded" ELSE old."excluded" END AS "excluded",
    CASE WHEN substring(s."present" FROM 5 FOR 1) IS DISTINCT FROM B'0' THEN s."s" ELSE old."s" END AS "s",
    CASE WHEN substring(s."present" FROM 6 FOR 1) IS DISTINCT FROM B'0' THEN s."t" ELSE old."t" END AS "t",
    CASE WHEN substring(s."present" FROM 7 FOR 1) IS DISTINCT FROM B'0' THEN s."🚚; --" ELSE old."🚚; --" END AS "🚚; --",
    CASE WHEN substring(s."present" FROM 8 FOR 1) IS DISTINCT FROM B'0' THEN s."_n" ELSE old."_n" END AS "_n",
    CASE WHEN substring(s."present" FROM 9 FOR 1) IS DISTINCT FROM B'0' THEN s."%s$1" ELSE old."%s$1" END AS "%s$1",
    CASE WHEN substring(s."present" FROM 10 FOR 1) IS DISTINCT FROM B'0' THEN s."_sdc_deleted_at" ELSE old."_sdc_deleted_at" END AS "_sdc_deleted_at",
    CASE WHEN substring(s."present" FROM 11 FOR 1) IS DISTINCT FROM B'0' THEN s."_sdc_extracted_at" ELSE old."_sdc_extracted_at" END AS "_sdc_extracted_at",
    greatest(old."_sdc_table_version", s."_sdc_table_version") AS "_sdc_table_version",
    old."__there" IS NULL OR old."say ""hi""" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0' THEN s."say ""hi""" ELSE old."say ""hi""" END AS "__is_new"
FROM "pg_temp"."staged" AS s
LEFT JOIN "pg_temp"."staged_current" AS old ON old."Id" = s."Id" AND old."row_number" = s."row_number"
WHERE (old."__there" IS NULL
   OR old."say ""hi""" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0' THEN s."say ""hi""" ELSE old."say ""hi""" END
   OR old."excluded" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0' THEN s."excluded" ELSE old."excluded" END
   OR old."s"::text IS DISTINCT FROM (CASE WHEN substring(s."present" FROM 5 FOR 1) IS DISTINCT FROM B'0' THEN s."s" ELSE old."s" END)::text
   OR old."t" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 6 FOR 1) IS DISTINCT FROM B'0' THEN s."t" ELSE old."t" END
   OR old."🚚; --" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 7 FOR 1) IS DISTINCT FROM B'0' THEN s."🚚; --" ELSE old."🚚; --" END
   OR old."_n" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 8 FOR 1) IS DISTINCT FROM B'0' THEN s."_n" ELSE old."_n" END
   OR old."%s$1"::text IS DISTINCT FROM (CASE WHEN substring(s."present" FROM 9 FOR 1) IS DISTINCT FROM B'0' THEN s."%s$1" ELSE old."%s$1" END)::text
   OR old."_sdc_deleted_at" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 10 FOR 1) IS DISTINCT FROM B'0' THEN s."_sdc_deleted_at" ELSE old."_sdc_deleted_at" END
   OR old."_sdc_table_version" IS DISTINCT FROM greatest(old."_sdc_table_version", s."_sdc_table_version"));

-- (prepares)
-- Rows that move are deleted where they are.
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."staged_news" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND s."__is_new"
  AND t."Id" = ANY (ARRAY(SELECT s."Id" FROM "pg_temp"."staged_news" AS s))
  AND t."row_number" = ANY (ARRAY(SELECT s."row_number" FROM "pg_temp"."staged_news" AS s));

-- (updates)
UPDATE "public"."a ""target""" AS t
SET "excluded" = s."excluded",
    "s" = s."s",
    "t" = s."t",
    "🚚; --" = s."🚚; --",
    "_n" = s."_n",
    "%s$1" = s."%s$1",
    "_sdc_deleted_at" = s."_sdc_deleted_at",
    "_sdc_extracted_at" = s."_sdc_extracted_at",
    "_sdc_table_version" = s."_sdc_table_version"
FROM "pg_temp"."staged_news" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND NOT s."__is_new"
  AND t."Id" = ANY (ARRAY(SELECT s."Id" FROM "pg_temp"."staged_news" AS s))
  AND t."row_number" = ANY (ARRAY(SELECT s."row_number" FROM "pg_temp"."staged_news" AS s));

-- (inserts)
-- Rows that are new. No ON CONFLICT: for that, Citus makes a connection for every shard. A key that another program has
-- inserted meanwhile is refused by the unique index, and the next attempt finds it.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version"
FROM "pg_temp"."staged_news" AS s
WHERE s."__is_new"
ORDER BY s."Id", s."row_number";

