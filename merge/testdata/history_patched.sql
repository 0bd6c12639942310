-- (prepares)
CREATE TEMP TABLE "pg_temp"."staged_late" (place tid PRIMARY KEY, bound timestamptz) ON COMMIT DROP;

-- (prepares)
-- 1. Which rows are late, and the newest start or end of their keys. Mostly there are none.
INSERT INTO "pg_temp"."staged_late"
SELECT s.ctid, max(greatest(v."start", v."end"))
FROM "pg_temp"."staged" AS s
JOIN "public"."a ""target""" AS v ON v."Id" = s."Id" AND v."row_number" = s."row_number"
WHERE coalesce(s."at", now()) < greatest(v."start", v."end")
GROUP BY s.ctid;

-- (prepares)
-- 2. Late records that equal the version of their instant are dropped, and so are late tombstones.
DELETE FROM "pg_temp"."staged" AS s
USING "pg_temp"."staged_late" AS late, "public"."a ""target""" AS v
WHERE late.place = s.ctid
  AND s."at" IS NOT NULL
  AND v."Id" = s."Id" AND v."row_number" = s."row_number"
  AND v."start" <= coalesce(s."at", now())
  AND (v."end" > coalesce(s."at", now()) OR v."end" IS NULL OR v."start" = coalesce(s."at", now()))
  AND NOT (v."say ""hi""" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0' THEN s."say ""hi""" ELSE v."say ""hi""" END
    OR v."excluded" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0' THEN s."excluded" ELSE v."excluded" END
    OR v."s"::text IS DISTINCT FROM (CASE WHEN substring(s."present" FROM 5 FOR 1) IS DISTINCT FROM B'0' THEN s."s" ELSE v."s" END)::text
    OR v."t" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 6 FOR 1) IS DISTINCT FROM B'0' THEN s."t" ELSE v."t" END
    OR v."🚚; --" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 7 FOR 1) IS DISTINCT FROM B'0' THEN s."🚚; --" ELSE v."🚚; --" END
    OR v."_n" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 8 FOR 1) IS DISTINCT FROM B'0' THEN s."_n" ELSE v."_n" END
    OR v."%s$1"::text IS DISTINCT FROM (CASE WHEN substring(s."present" FROM 9 FOR 1) IS DISTINCT FROM B'0' THEN s."%s$1" ELSE v."%s$1" END)::text);

-- (prepares)
CREATE TEMP TABLE "pg_temp"."staged_changes" ON COMMIT DROP AS
SELECT "Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version", now() AS "__at", now() AS "__upto"
FROM "pg_temp"."staged"
WITH NO DATA;

-- (prepares)
-- 3. What changes: records that differ from the active version or find none, and tombstones that find one.
INSERT INTO "pg_temp"."staged_changes"
SELECT s."Id",
    s."row_number",
    CASE WHEN substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0' THEN s."say ""hi""" ELSE l."say ""hi""" END,
    CASE WHEN substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0' THEN s."excluded" ELSE l."excluded" END,
    CASE WHEN substring(s."present" FROM 5 FOR 1) IS DISTINCT FROM B'0' THEN s."s" ELSE l."s" END,
    CASE WHEN substring(s."present" FROM 6 FOR 1) IS DISTINCT FROM B'0' THEN s."t" ELSE l."t" END,
    CASE WHEN substring(s."present" FROM 7 FOR 1) IS DISTINCT FROM B'0' THEN s."🚚; --" ELSE l."🚚; --" END,
    CASE WHEN substring(s."present" FROM 8 FOR 1) IS DISTINCT FROM B'0' THEN s."_n" ELSE l."_n" END,
    CASE WHEN substring(s."present" FROM 9 FOR 1) IS DISTINCT FROM B'0' THEN s."%s$1" ELSE l."%s$1" END,
    CASE WHEN substring(s."present" FROM 10 FOR 1) IS DISTINCT FROM B'0' THEN s."_sdc_deleted_at" ELSE l."_sdc_deleted_at" END,
    CASE WHEN substring(s."present" FROM 11 FOR 1) IS DISTINCT FROM B'0' THEN s."_sdc_extracted_at" ELSE l."_sdc_extracted_at" END,
    CASE WHEN substring(s."present" FROM 12 FOR 1) IS DISTINCT FROM B'0' THEN s."_sdc_table_version" ELSE l."_sdc_table_version" END,
    greatest(coalesce(s."at", now()), late.bound), NULL
FROM "pg_temp"."staged" AS s
LEFT JOIN "pg_temp"."staged_late" AS late ON late.place = s.ctid
LEFT JOIN "public"."a ""target""" AS l ON l."Id" = s."Id" AND l."row_number" = s."row_number" AND l."active"
WHERE l.tableoid IS NULL
   OR l."say ""hi""" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0' THEN s."say ""hi""" ELSE l."say ""hi""" END
   OR l."excluded" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0' THEN s."excluded" ELSE l."excluded" END
   OR l."s"::text IS DISTINCT FROM (CASE WHEN substring(s."present" FROM 5 FOR 1) IS DISTINCT FROM B'0' THEN s."s" ELSE l."s" END)::text
   OR l."t" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 6 FOR 1) IS DISTINCT FROM B'0' THEN s."t" ELSE l."t" END
   OR l."🚚; --" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 7 FOR 1) IS DISTINCT FROM B'0' THEN s."🚚; --" ELSE l."🚚; --" END
   OR l."_n" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 8 FOR 1) IS DISTINCT FROM B'0' THEN s."_n" ELSE l."_n" END
   OR l."%s$1"::text IS DISTINCT FROM (CASE WHEN substring(s."present" FROM 9 FOR 1) IS DISTINCT FROM B'0' THEN s."%s$1" ELSE l."%s$1" END)::text;

-- (updates)
-- 4. The active version ends where the first change of its key takes effect.
UPDATE "public"."a ""target""" AS t
SET "end" = c."__at",
    "active" = false
FROM "pg_temp"."staged_changes" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND t."active";

-- (updates)
-- 6. A version of no length that starts where an equal one is to start comes back instead of being there twice.
-- They are rare. min(1) = 1 tells the planner so, which knows nothing of a table that was never analyzed and would rather
-- read all of it than look up the keys.
WITH back AS (
    DELETE FROM "pg_temp"."staged_changes" AS c
    WHERE (
        SELECT min(1)
        FROM "public"."a ""target""" AS t
        WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
      AND t."start" = c."__at"
      AND t."end" = c."__at"
      AND NOT (t."say ""hi""" IS DISTINCT FROM c."say ""hi"""
        OR t."excluded" IS DISTINCT FROM c."excluded"
        OR t."s"::text IS DISTINCT FROM c."s"::text
        OR t."t" IS DISTINCT FROM c."t"
        OR t."🚚; --" IS DISTINCT FROM c."🚚; --"
        OR t."_n" IS DISTINCT FROM c."_n"
        OR t."%s$1"::text IS DISTINCT FROM c."%s$1"::text)
      ) = 1
    RETURNING c.*
)
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = c."say ""hi""",
    "excluded" = c."excluded",
    "s" = c."s",
    "t" = c."t",
    "🚚; --" = c."🚚; --",
    "_n" = c."_n",
    "%s$1" = c."%s$1",
    "_sdc_deleted_at" = c."_sdc_deleted_at",
    "_sdc_extracted_at" = c."_sdc_extracted_at",
    "_sdc_table_version" = c."_sdc_table_version",
    "end" = c."__upto",
    "active" = c."__upto" IS NULL
FROM back AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
      AND t."start" = c."__at"
      AND t."end" = c."__at"
      AND NOT (t."say ""hi""" IS DISTINCT FROM c."say ""hi"""
        OR t."excluded" IS DISTINCT FROM c."excluded"
        OR t."s"::text IS DISTINCT FROM c."s"::text
        OR t."t" IS DISTINCT FROM c."t"
        OR t."🚚; --" IS DISTINCT FROM c."🚚; --"
        OR t."_n" IS DISTINCT FROM c."_n"
        OR t."%s$1"::text IS DISTINCT FROM c."%s$1"::text);

-- (inserts)
-- 7. All others start as new rows.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version", "start", "end", "active")
SELECT c."Id", c."row_number", c."say ""hi""", c."excluded", c."s", c."t", c."🚚; --", c."_n", c."%s$1", c."_sdc_deleted_at", c."_sdc_extracted_at", c."_sdc_table_version", c."__at", c."__upto", c."__upto" IS NULL
FROM "pg_temp"."staged_changes" AS c
ORDER BY c."Id", c."row_number";

-- (updates)
-- 8. A record without news still tells the active version which pass it was seen in.
UPDATE "public"."a ""target""" AS t
SET "_sdc_table_version" = s."_sdc_table_version"
FROM "pg_temp"."staged" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND t."active"
  AND t."_sdc_table_version" IS DISTINCT FROM s."_sdc_table_version";

