-- (prepares)
CREATE TEMP TABLE "pg_temp"."staged_late" (place tid PRIMARY KEY, bound timestamptz) ON COMMIT DROP;

-- (prepares)
SET LOCAL search_path TO DEFAULT;

-- (prepares)
-- 1. Which rows are late, and the newest start or end of their keys. Mostly there are none.
INSERT INTO "pg_temp"."staged_late"
SELECT s.ctid, pg_catalog.max(greatest(v."start", v."end"))
FROM "pg_temp"."staged" AS s
JOIN "public"."a ""target""" AS v ON v."Id" OPERATOR(pg_catalog.=) s."Id" AND v."row_number" OPERATOR(pg_catalog.=) s."row_number"
WHERE coalesce(s."at", pg_catalog.now()) OPERATOR(pg_catalog.<) greatest(v."start", v."end")
GROUP BY s.ctid;

-- (prepares)
-- 2. Late records that equal the version of their instant are dropped, and so are late tombstones.
DELETE FROM "pg_temp"."staged" AS s
USING "pg_temp"."staged_late" AS late, "public"."a ""target""" AS v
WHERE late.place OPERATOR(pg_catalog.=) s.ctid
  AND s."at" IS NOT NULL
  AND NOT s."gone"
  AND v."Id" OPERATOR(pg_catalog.=) s."Id" AND v."row_number" OPERATOR(pg_catalog.=) s."row_number"
  AND v."start" OPERATOR(pg_catalog.<=) coalesce(s."at", pg_catalog.now())
  AND (v."end" OPERATOR(pg_catalog.>) coalesce(s."at", pg_catalog.now()) OR v."end" IS NULL OR v."start" OPERATOR(pg_catalog.=) coalesce(s."at", pg_catalog.now()))
  AND NOT (NOT coalesce(v."say ""hi""" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 3 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."say ""hi""" ELSE v."say ""hi""" END, v."say ""hi""" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 3 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."say ""hi""" ELSE v."say ""hi""" END IS NULL)
    OR NOT coalesce(v."excluded" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 4 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."excluded" ELSE v."excluded" END, v."excluded" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 4 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."excluded" ELSE v."excluded" END IS NULL)
    OR NOT coalesce(v."s"::pg_catalog.text OPERATOR(pg_catalog.=) (CASE WHEN coalesce(substring(s."present" FROM 5 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."s" ELSE v."s" END)::pg_catalog.text, v."s"::pg_catalog.text IS NULL AND (CASE WHEN coalesce(substring(s."present" FROM 5 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."s" ELSE v."s" END)::pg_catalog.text IS NULL)
    OR NOT coalesce(v."t" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 6 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."t" ELSE v."t" END, v."t" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 6 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."t" ELSE v."t" END IS NULL)
    OR NOT coalesce(v."🚚; --" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 7 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."🚚; --" ELSE v."🚚; --" END, v."🚚; --" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 7 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."🚚; --" ELSE v."🚚; --" END IS NULL)
    OR NOT coalesce(v."_n" OPERATOR(pg_catalog.=) CASE WHEN coalesce(substring(s."present" FROM 8 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."_n" ELSE v."_n" END, v."_n" IS NULL AND CASE WHEN coalesce(substring(s."present" FROM 8 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."_n" ELSE v."_n" END IS NULL)
    OR NOT coalesce(v."%s$1"::pg_catalog.text OPERATOR(pg_catalog.=) (CASE WHEN coalesce(substring(s."present" FROM 9 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."%s$1" ELSE v."%s$1" END)::pg_catalog.text, v."%s$1"::pg_catalog.text IS NULL AND (CASE WHEN coalesce(substring(s."present" FROM 9 FOR 1) OPERATOR(pg_catalog.<>) B'0', true) THEN s."%s$1" ELSE v."%s$1" END)::pg_catalog.text IS NULL));

-- (prepares)
SET LOCAL search_path TO pg_catalog, pg_temp;

-- (prepares)
DELETE FROM "pg_temp"."staged" AS s
USING "pg_temp"."staged_late" AS late
WHERE late.place = s.ctid
  AND s."at" IS NOT NULL
  AND s."gone";

-- (prepares)
CREATE TEMP TABLE "pg_temp"."staged_changes" ON COMMIT DROP AS
SELECT "Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version", now() AS "__at", now() AS "__upto", "gone", 0::bigint AS "__n", "_sdc_table_version" AS "__before"
FROM "pg_temp"."staged"
WITH NO DATA;

-- (prepares)
SET LOCAL search_path TO DEFAULT;

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
    CASE WHEN pg_catalog.lead(true) OVER of_key THEN pg_catalog.lead(s."__before") OVER of_key ELSE s."__last" END,
    s."__at", pg_catalog.lead(s."__at") OVER of_key, s."gone", s."__n", s."__before"
FROM (
    SELECT s.*,
        greatest(coalesce(s."at", pg_catalog.now()), late.bound) AS "__at",
        pg_catalog.row_number() OVER so_far AS "__n",
        coalesce(pg_catalog.lag(NOT s."gone", 1, l."active") OVER so_far, false) AS "__alive",
        (NOT coalesce(pg_catalog.lag(s."say ""hi""", 1, l."say ""hi""") OVER so_far OPERATOR(pg_catalog.=) s."say ""hi""", pg_catalog.lag(s."say ""hi""", 1, l."say ""hi""") OVER so_far IS NULL AND s."say ""hi""" IS NULL)
        OR NOT coalesce(pg_catalog.lag(s."excluded", 1, l."excluded") OVER so_far OPERATOR(pg_catalog.=) s."excluded", pg_catalog.lag(s."excluded", 1, l."excluded") OVER so_far IS NULL AND s."excluded" IS NULL)
        OR NOT coalesce(pg_catalog.lag(s."s"::pg_catalog.text, 1, l."s"::pg_catalog.text) OVER so_far OPERATOR(pg_catalog.=) s."s"::pg_catalog.text, pg_catalog.lag(s."s"::pg_catalog.text, 1, l."s"::pg_catalog.text) OVER so_far IS NULL AND s."s"::pg_catalog.text IS NULL)
        OR NOT coalesce(pg_catalog.lag(s."t", 1, l."t") OVER so_far OPERATOR(pg_catalog.=) s."t", pg_catalog.lag(s."t", 1, l."t") OVER so_far IS NULL AND s."t" IS NULL)
        OR NOT coalesce(pg_catalog.lag(s."🚚; --", 1, l."🚚; --") OVER so_far OPERATOR(pg_catalog.=) s."🚚; --", pg_catalog.lag(s."🚚; --", 1, l."🚚; --") OVER so_far IS NULL AND s."🚚; --" IS NULL)
        OR NOT coalesce(pg_catalog.lag(s."_n", 1, l."_n") OVER so_far OPERATOR(pg_catalog.=) s."_n", pg_catalog.lag(s."_n", 1, l."_n") OVER so_far IS NULL AND s."_n" IS NULL)
        OR NOT coalesce(pg_catalog.lag(s."%s$1"::pg_catalog.text, 1, l."%s$1"::pg_catalog.text) OVER so_far OPERATOR(pg_catalog.=) s."%s$1"::pg_catalog.text, pg_catalog.lag(s."%s$1"::pg_catalog.text, 1, l."%s$1"::pg_catalog.text) OVER so_far IS NULL AND s."%s$1"::pg_catalog.text IS NULL)) AS "__differs",
        pg_catalog.lag(s."_sdc_table_version") OVER so_far AS "__before",
        pg_catalog.last_value(s."_sdc_table_version") OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "__last"
    FROM (
        -- Partial records, made whole: a column that no row of the key has brought yet is the active version's, one
        -- that was brought before a tombstone is lost.
        SELECT s."Id",
            s."row_number",
            CASE WHEN s."__from3" IS NULL THEN l."say ""hi""" ELSE pg_catalog.nth_value(CASE WHEN NOT s."gone" THEN s."say ""hi""" END, s."__from3") OVER of_key END AS "say ""hi""",
            CASE WHEN s."__from4" IS NULL THEN l."excluded" ELSE pg_catalog.nth_value(CASE WHEN NOT s."gone" THEN s."excluded" END, s."__from4") OVER of_key END AS "excluded",
            CASE WHEN s."__from5" IS NULL THEN l."s" ELSE pg_catalog.nth_value(CASE WHEN NOT s."gone" THEN s."s" END, s."__from5") OVER of_key END AS "s",
            CASE WHEN s."__from6" IS NULL THEN l."t" ELSE pg_catalog.nth_value(CASE WHEN NOT s."gone" THEN s."t" END, s."__from6") OVER of_key END AS "t",
            CASE WHEN s."__from7" IS NULL THEN l."🚚; --" ELSE pg_catalog.nth_value(CASE WHEN NOT s."gone" THEN s."🚚; --" END, s."__from7") OVER of_key END AS "🚚; --",
            CASE WHEN s."__from8" IS NULL THEN l."_n" ELSE pg_catalog.nth_value(CASE WHEN NOT s."gone" THEN s."_n" END, s."__from8") OVER of_key END AS "_n",
            CASE WHEN s."__from9" IS NULL THEN l."%s$1" ELSE pg_catalog.nth_value(CASE WHEN NOT s."gone" THEN s."%s$1" END, s."__from9") OVER of_key END AS "%s$1",
            CASE WHEN s."__from10" IS NULL THEN l."_sdc_deleted_at" ELSE pg_catalog.nth_value(CASE WHEN NOT s."gone" THEN s."_sdc_deleted_at" END, s."__from10") OVER of_key END AS "_sdc_deleted_at",
            CASE WHEN s."__from11" IS NULL THEN l."_sdc_extracted_at" ELSE pg_catalog.nth_value(CASE WHEN NOT s."gone" THEN s."_sdc_extracted_at" END, s."__from11") OVER of_key END AS "_sdc_extracted_at",
            CASE WHEN s."__from12" IS NULL THEN l."_sdc_table_version" ELSE pg_catalog.nth_value(CASE WHEN NOT s."gone" THEN s."_sdc_table_version" END, s."__from12") OVER of_key END AS "_sdc_table_version",
            s."at", s."gone", s."__place"
        FROM (
            -- For every row and column, which row of the key so far brought the column last.
    SELECT s.*,
        pg_catalog.max(s."__n") FILTER (WHERE s."gone" OR coalesce(substring(s."present" FROM 3 FOR 1) OPERATOR(pg_catalog.<>) B'0', true)) OVER so_far AS "__from3",
        pg_catalog.max(s."__n") FILTER (WHERE s."gone" OR coalesce(substring(s."present" FROM 4 FOR 1) OPERATOR(pg_catalog.<>) B'0', true)) OVER so_far AS "__from4",
        pg_catalog.max(s."__n") FILTER (WHERE s."gone" OR coalesce(substring(s."present" FROM 5 FOR 1) OPERATOR(pg_catalog.<>) B'0', true)) OVER so_far AS "__from5",
        pg_catalog.max(s."__n") FILTER (WHERE s."gone" OR coalesce(substring(s."present" FROM 6 FOR 1) OPERATOR(pg_catalog.<>) B'0', true)) OVER so_far AS "__from6",
        pg_catalog.max(s."__n") FILTER (WHERE s."gone" OR coalesce(substring(s."present" FROM 7 FOR 1) OPERATOR(pg_catalog.<>) B'0', true)) OVER so_far AS "__from7",
        pg_catalog.max(s."__n") FILTER (WHERE s."gone" OR coalesce(substring(s."present" FROM 8 FOR 1) OPERATOR(pg_catalog.<>) B'0', true)) OVER so_far AS "__from8",
        pg_catalog.max(s."__n") FILTER (WHERE s."gone" OR coalesce(substring(s."present" FROM 9 FOR 1) OPERATOR(pg_catalog.<>) B'0', true)) OVER so_far AS "__from9",
        pg_catalog.max(s."__n") FILTER (WHERE s."gone" OR coalesce(substring(s."present" FROM 10 FOR 1) OPERATOR(pg_catalog.<>) B'0', true)) OVER so_far AS "__from10",
        pg_catalog.max(s."__n") FILTER (WHERE s."gone" OR coalesce(substring(s."present" FROM 11 FOR 1) OPERATOR(pg_catalog.<>) B'0', true)) OVER so_far AS "__from11",
        pg_catalog.max(s."__n") FILTER (WHERE s."gone" OR coalesce(substring(s."present" FROM 12 FOR 1) OPERATOR(pg_catalog.<>) B'0', true)) OVER so_far AS "__from12"
    FROM (
        SELECT *, ctid AS "__place", pg_catalog.row_number() OVER (PARTITION BY "Id", "row_number" ORDER BY ctid)::int AS "__n"
        FROM "pg_temp"."staged"
    ) AS s
    WINDOW so_far AS (PARTITION BY s."Id", s."row_number" ORDER BY s."__n")
        ) AS s
        LEFT JOIN "public"."a ""target""" AS l ON l."Id" OPERATOR(pg_catalog.=) s."Id" AND l."row_number" OPERATOR(pg_catalog.=) s."row_number" AND l."active"
        WINDOW of_key AS (
            PARTITION BY s."Id", s."row_number" ORDER BY s."__n" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        )
    ) AS s
    LEFT JOIN "pg_temp"."staged_late" AS late ON late.place OPERATOR(pg_catalog.=) s."__place"
    LEFT JOIN "public"."a ""target""" AS l ON l."Id" OPERATOR(pg_catalog.=) s."Id" AND l."row_number" OPERATOR(pg_catalog.=) s."row_number" AND l."active"
    WINDOW so_far AS (PARTITION BY s."Id", s."row_number" ORDER BY s."__place")
) AS s
WHERE CASE WHEN s."gone" THEN s."__alive" ELSE NOT s."__alive" OR s."__differs" END
WINDOW of_key AS (PARTITION BY s."Id", s."row_number" ORDER BY s."__n");

-- (updates)
-- 4. The active version ends where the first change of its key takes effect.
UPDATE "public"."a ""target""" AS t
SET "end" = c."__at",
    "active" = false,
    "_sdc_table_version" = CASE WHEN c."__n" OPERATOR(pg_catalog.>) 1 THEN c."__before" ELSE t."_sdc_table_version" END
FROM (SELECT DISTINCT ON ("Id", "row_number") * FROM "pg_temp"."staged_changes" ORDER BY "Id", "row_number", "__n") AS c
WHERE t."Id" OPERATOR(pg_catalog.=) c."Id" AND t."row_number" OPERATOR(pg_catalog.=) c."row_number"
  AND t."active";

-- (prepares)
SET LOCAL search_path TO pg_catalog, pg_temp;

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
SET LOCAL search_path TO DEFAULT;

-- (updates)
-- 6. A version of no length that starts where an equal one is to start comes back instead of being there twice.
-- They are rare. min(1) = 1 tells the planner so, which knows nothing of a table that was never analyzed and would rather
-- read all of it than look up the keys.
WITH back AS (
    DELETE FROM "pg_temp"."staged_changes" AS c
    WHERE (
        SELECT pg_catalog.min(1)
        FROM "public"."a ""target""" AS t
        WHERE t."Id" OPERATOR(pg_catalog.=) c."Id" AND t."row_number" OPERATOR(pg_catalog.=) c."row_number"
      AND t."start" OPERATOR(pg_catalog.=) c."__at"
      AND t."end" OPERATOR(pg_catalog.=) c."__at"
      AND NOT c."gone"
      AND NOT (NOT coalesce(t."say ""hi""" OPERATOR(pg_catalog.=) c."say ""hi""", t."say ""hi""" IS NULL AND c."say ""hi""" IS NULL)
        OR NOT coalesce(t."excluded" OPERATOR(pg_catalog.=) c."excluded", t."excluded" IS NULL AND c."excluded" IS NULL)
        OR NOT coalesce(t."s"::pg_catalog.text OPERATOR(pg_catalog.=) c."s"::pg_catalog.text, t."s"::pg_catalog.text IS NULL AND c."s"::pg_catalog.text IS NULL)
        OR NOT coalesce(t."t" OPERATOR(pg_catalog.=) c."t", t."t" IS NULL AND c."t" IS NULL)
        OR NOT coalesce(t."🚚; --" OPERATOR(pg_catalog.=) c."🚚; --", t."🚚; --" IS NULL AND c."🚚; --" IS NULL)
        OR NOT coalesce(t."_n" OPERATOR(pg_catalog.=) c."_n", t."_n" IS NULL AND c."_n" IS NULL)
        OR NOT coalesce(t."%s$1"::pg_catalog.text OPERATOR(pg_catalog.=) c."%s$1"::pg_catalog.text, t."%s$1"::pg_catalog.text IS NULL AND c."%s$1"::pg_catalog.text IS NULL))
      ) OPERATOR(pg_catalog.=) 1
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
WHERE t."Id" OPERATOR(pg_catalog.=) c."Id" AND t."row_number" OPERATOR(pg_catalog.=) c."row_number"
      AND t."start" OPERATOR(pg_catalog.=) c."__at"
      AND t."end" OPERATOR(pg_catalog.=) c."__at"
      AND NOT c."gone"
      AND NOT (NOT coalesce(t."say ""hi""" OPERATOR(pg_catalog.=) c."say ""hi""", t."say ""hi""" IS NULL AND c."say ""hi""" IS NULL)
        OR NOT coalesce(t."excluded" OPERATOR(pg_catalog.=) c."excluded", t."excluded" IS NULL AND c."excluded" IS NULL)
        OR NOT coalesce(t."s"::pg_catalog.text OPERATOR(pg_catalog.=) c."s"::pg_catalog.text, t."s"::pg_catalog.text IS NULL AND c."s"::pg_catalog.text IS NULL)
        OR NOT coalesce(t."t" OPERATOR(pg_catalog.=) c."t", t."t" IS NULL AND c."t" IS NULL)
        OR NOT coalesce(t."🚚; --" OPERATOR(pg_catalog.=) c."🚚; --", t."🚚; --" IS NULL AND c."🚚; --" IS NULL)
        OR NOT coalesce(t."_n" OPERATOR(pg_catalog.=) c."_n", t."_n" IS NULL AND c."_n" IS NULL)
        OR NOT coalesce(t."%s$1"::pg_catalog.text OPERATOR(pg_catalog.=) c."%s$1"::pg_catalog.text, t."%s$1"::pg_catalog.text IS NULL AND c."%s$1"::pg_catalog.text IS NULL));

-- (inserts)
-- 7. All others start as new rows.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version", "start", "end", "active")
SELECT c."Id", c."row_number", c."say ""hi""", c."excluded", c."s", c."t", c."🚚; --", c."_n", c."%s$1", c."_sdc_deleted_at", c."_sdc_extracted_at", c."_sdc_table_version", c."__at", c."__upto", c."__upto" IS NULL
FROM "pg_temp"."staged_changes" AS c
WHERE NOT c."gone"
ORDER BY c."Id", c."row_number", c."__n";

-- (updates)
-- 8. A record without news still tells the active version which pass it was seen in.
UPDATE "public"."a ""target""" AS t
SET "_sdc_table_version" = s."_sdc_table_version"
FROM (SELECT DISTINCT ON ("Id", "row_number") * FROM "pg_temp"."staged" ORDER BY "Id", "row_number", ctid DESC) AS s
WHERE t."Id" OPERATOR(pg_catalog.=) s."Id" AND t."row_number" OPERATOR(pg_catalog.=) s."row_number"
  AND t."active"
  AND NOT s."gone"
  AND NOT coalesce(t."_sdc_table_version" OPERATOR(pg_catalog.=) s."_sdc_table_version", t."_sdc_table_version" IS NULL AND s."_sdc_table_version" IS NULL);

-- (prepares)
SET LOCAL search_path TO pg_catalog, pg_temp;

