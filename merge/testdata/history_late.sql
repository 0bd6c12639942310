-- (prepares)
-- 1. What changes: of every key that the batch has news about, the versions that they may touch, then the records that
-- differ from what is before them and the tombstones of what is alive. Each lasts up to the next one.
CREATE TEMP TABLE "pg_temp"."staged_changes" ON COMMIT DROP AS
WITH news AS (
    -- Records of keys of which one differs from the active version or finds none, and tombstones that find one.
    SELECT *, s."__known" OR coalesce((SELECT true FROM "public"."a ""target""" AS v WHERE v."Id" = s."Id" AND v."row_number" = s."row_number" LIMIT 1), false) AS "__met"
    FROM (
        SELECT s.*, CASE WHEN s."gone" THEN true ELSE s."__differs" OR s."__told" END AS "__news"
        FROM (
            SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", greatest(l."_sdc_table_version", s."_sdc_table_version") AS "_sdc_table_version", false AS "gone", s."at",
                s.ctid AS "__place", l.tableoid IS NOT NULL AS "__known",
                l.tableoid IS NULL OR coalesce(s."at", now()) < l."start"
                OR l."say ""hi""" IS DISTINCT FROM s."say ""hi"""
                OR l."excluded" IS DISTINCT FROM s."excluded"
                OR l."s"::text IS DISTINCT FROM s."s"::text
                OR l."t" IS DISTINCT FROM s."t"
                OR l."🚚; --" IS DISTINCT FROM s."🚚; --"
                OR l."_n" IS DISTINCT FROM s."_n"
                OR l."%s$1"::text IS DISTINCT FROM s."%s$1"::text AS "__differs", (l."_sdc_table_version" IS DISTINCT FROM greatest(l."_sdc_table_version", s."_sdc_table_version")) AS "__told"
            FROM "pg_temp"."staged" AS s
            LEFT JOIN "public"."a ""target""" AS l ON l."Id" = s."Id" AND l."row_number" = s."row_number" AND l."active"
        ) AS s
    ) AS s
    WHERE s."__news"
)
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
    CASE WHEN s."gone" OR NOT s."__newest" THEN s."_sdc_table_version" WHEN lead(true) OVER of_key THEN lead(s."__before12") OVER of_key ELSE s."__last12" END AS "_sdc_table_version",
    CASE WHEN s."__ends" THEN true
        ELSE s."gone" AND s."__alive" END AS "gone",
    s."__n", CASE WHEN NOT s."__ends" THEN s."start" END AS "start", s."end", s."__part", s."__place", s."__at",
    CASE WHEN s."gone" THEN s."__at" ELSE lead(s."__at") OVER of_key END AS "__upto",
    coalesce(lag(s."__at") OVER of_key = s."__at", false) OR coalesce(lead(s."__at") OVER of_key = s."__at", false) AS "__brief"
FROM (
    SELECT s.*
    FROM (
        SELECT s.*, row_number() OVER so_far AS "__n",
            NOT coalesce(lag(s."gone") OVER so_far, true) AS "__alive",
            coalesce(lag(s."__at") OVER so_far = s."__at", false) AS "__known",
            coalesce(s."__at" >= max(s."__at") FILTER (WHERE NOT s."__sent") OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING), true) AS "__newest",
            (lag(s."say ""hi""") OVER so_far IS DISTINCT FROM s."say ""hi"""
            OR lag(s."excluded") OVER so_far IS DISTINCT FROM s."excluded"
            OR lag(s."s"::text) OVER so_far IS DISTINCT FROM s."s"::text
            OR lag(s."t") OVER so_far IS DISTINCT FROM s."t"
            OR lag(s."🚚; --") OVER so_far IS DISTINCT FROM s."🚚; --"
            OR lag(s."_n") OVER so_far IS DISTINCT FROM s."_n"
            OR lag(s."%s$1"::text) OVER so_far IS DISTINCT FROM s."%s$1"::text) AS "__differs",
            max(s."_sdc_table_version") FILTER (WHERE NOT s."gone" AND s."end" IS NULL) OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS "__before12",
            max(s."_sdc_table_version") FILTER (WHERE NOT s."gone" AND s."end" IS NULL) OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "__last12"
        FROM (
        SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version", s."gone", coalesce(s."at", now()) AS "__at", true AS "__sent",
            false AS "__ends", NULL AS "start", NULL AS "end", NULL AS "__part", s."__place"
        FROM news AS s WHERE s."__met"
        UNION ALL
        SELECT v."Id", v."row_number", v."say ""hi""", v."excluded", v."s", v."t", v."🚚; --", v."_n", v."%s$1", v."_sdc_deleted_at", v."_sdc_extracted_at", v."_sdc_table_version", e.ends, CASE WHEN e.ends THEN v."end" ELSE v."start" END, false,
            e.ends, v."start", v."end", CASE WHEN NOT e.ends THEN v.tableoid END, v.ctid
        FROM (SELECT s."Id", s."row_number", min(coalesce(s."at", now())) AS "__since" FROM news AS s GROUP BY s."Id", s."row_number") AS s
        JOIN "public"."a ""target""" AS v ON v."Id" = s."Id" AND v."row_number" = s."row_number"
        JOIN (VALUES (false), (true)) AS e (ends) ON NOT e.ends OR v."end" IS NOT NULL
        WHERE v."active"
           OR v."end" >= s."__since"
    ) AS s
        WINDOW so_far AS (PARTITION BY s."Id", s."row_number" ORDER BY s."__at", s."__sent", s."start", s."end", s."__ends", s."__place")
    ) AS s
    -- A record that agrees with the version of its instant leaves no trace. Neither does a tombstone of an end that is known.
    WHERE NOT s."__sent"
       OR CASE WHEN s."gone" THEN s."__alive" OR NOT s."__known" ELSE NOT s."__alive" OR s."__differs" END
) AS s
WINDOW of_key AS (PARTITION BY s."Id", s."row_number" ORDER BY s."__at", s."__sent", s."start", s."end", s."__ends", s."__place")
WITH NO DATA;

-- (inserts)
-- The only record of a key without any version is a version as it is. It goes straight into the table.
WITH news AS (
    -- Records of keys of which one differs from the active version or finds none, and tombstones that find one.
    SELECT *, s."__known" OR coalesce((SELECT true FROM "public"."a ""target""" AS v WHERE v."Id" = s."Id" AND v."row_number" = s."row_number" LIMIT 1), false) AS "__met"
    FROM (
        SELECT s.*, CASE WHEN s."gone" THEN true ELSE s."__differs" OR s."__told" END AS "__news"
        FROM (
            SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", greatest(l."_sdc_table_version", s."_sdc_table_version") AS "_sdc_table_version", false AS "gone", s."at",
                s.ctid AS "__place", l.tableoid IS NOT NULL AS "__known",
                l.tableoid IS NULL OR coalesce(s."at", now()) < l."start"
                OR l."say ""hi""" IS DISTINCT FROM s."say ""hi"""
                OR l."excluded" IS DISTINCT FROM s."excluded"
                OR l."s"::text IS DISTINCT FROM s."s"::text
                OR l."t" IS DISTINCT FROM s."t"
                OR l."🚚; --" IS DISTINCT FROM s."🚚; --"
                OR l."_n" IS DISTINCT FROM s."_n"
                OR l."%s$1"::text IS DISTINCT FROM s."%s$1"::text AS "__differs", (l."_sdc_table_version" IS DISTINCT FROM greatest(l."_sdc_table_version", s."_sdc_table_version")) AS "__told"
            FROM "pg_temp"."staged" AS s
            LEFT JOIN "public"."a ""target""" AS l ON l."Id" = s."Id" AND l."row_number" = s."row_number" AND l."active"
        ) AS s
    ) AS s
    WHERE s."__news"
),
changes AS (
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
    CASE WHEN s."gone" OR NOT s."__newest" THEN s."_sdc_table_version" WHEN lead(true) OVER of_key THEN lead(s."__before12") OVER of_key ELSE s."__last12" END AS "_sdc_table_version",
    CASE WHEN s."__ends" THEN true
        ELSE s."gone" AND s."__alive" END AS "gone",
    s."__n", CASE WHEN NOT s."__ends" THEN s."start" END AS "start", s."end", s."__part", s."__place", s."__at",
    CASE WHEN s."gone" THEN s."__at" ELSE lead(s."__at") OVER of_key END AS "__upto",
    coalesce(lag(s."__at") OVER of_key = s."__at", false) OR coalesce(lead(s."__at") OVER of_key = s."__at", false) AS "__brief"
FROM (
    SELECT s.*
    FROM (
        SELECT s.*, row_number() OVER so_far AS "__n",
            NOT coalesce(lag(s."gone") OVER so_far, true) AS "__alive",
            coalesce(lag(s."__at") OVER so_far = s."__at", false) AS "__known",
            coalesce(s."__at" >= max(s."__at") FILTER (WHERE NOT s."__sent") OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING), true) AS "__newest",
            (lag(s."say ""hi""") OVER so_far IS DISTINCT FROM s."say ""hi"""
            OR lag(s."excluded") OVER so_far IS DISTINCT FROM s."excluded"
            OR lag(s."s"::text) OVER so_far IS DISTINCT FROM s."s"::text
            OR lag(s."t") OVER so_far IS DISTINCT FROM s."t"
            OR lag(s."🚚; --") OVER so_far IS DISTINCT FROM s."🚚; --"
            OR lag(s."_n") OVER so_far IS DISTINCT FROM s."_n"
            OR lag(s."%s$1"::text) OVER so_far IS DISTINCT FROM s."%s$1"::text) AS "__differs",
            max(s."_sdc_table_version") FILTER (WHERE NOT s."gone" AND s."end" IS NULL) OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS "__before12",
            max(s."_sdc_table_version") FILTER (WHERE NOT s."gone" AND s."end" IS NULL) OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "__last12"
        FROM (
        SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version", s."gone", coalesce(s."at", now()) AS "__at", true AS "__sent",
            false AS "__ends", NULL AS "start", NULL AS "end", NULL AS "__part", s."__place"
        FROM news AS s WHERE s."__met"
        UNION ALL
        SELECT v."Id", v."row_number", v."say ""hi""", v."excluded", v."s", v."t", v."🚚; --", v."_n", v."%s$1", v."_sdc_deleted_at", v."_sdc_extracted_at", v."_sdc_table_version", e.ends, CASE WHEN e.ends THEN v."end" ELSE v."start" END, false,
            e.ends, v."start", v."end", CASE WHEN NOT e.ends THEN v.tableoid END, v.ctid
        FROM (SELECT s."Id", s."row_number", min(coalesce(s."at", now())) AS "__since" FROM news AS s GROUP BY s."Id", s."row_number") AS s
        JOIN "public"."a ""target""" AS v ON v."Id" = s."Id" AND v."row_number" = s."row_number"
        JOIN (VALUES (false), (true)) AS e (ends) ON NOT e.ends OR v."end" IS NOT NULL
        WHERE v."active"
           OR v."end" >= s."__since"
    ) AS s
        WINDOW so_far AS (PARTITION BY s."Id", s."row_number" ORDER BY s."__at", s."__sent", s."start", s."end", s."__ends", s."__place")
    ) AS s
    -- A record that agrees with the version of its instant leaves no trace. Neither does a tombstone of an end that is known.
    WHERE NOT s."__sent"
       OR CASE WHEN s."gone" THEN s."__alive" OR NOT s."__known" ELSE NOT s."__alive" OR s."__differs" END
) AS s
WINDOW of_key AS (PARTITION BY s."Id", s."row_number" ORDER BY s."__at", s."__sent", s."start", s."end", s."__ends", s."__place")
)
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version", "start", "end", "active")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version", coalesce(s."at", now()), NULL, true
FROM news AS s
WHERE NOT s."__met"
  AND NOT s."gone"
ORDER BY s."Id", s."row_number";

-- (prepares)
-- 2. Of equal versions that start at one instant the last stands for all, in the row of one that is in the table: the key
-- went away from it and came back.
WITH same AS (
    SELECT c.ctid AS change, row_number() OVER latest AS nth,
        first_value(c."__part") OVER stored AS part, first_value(c."__place") OVER stored AS place
    FROM "pg_temp"."staged_changes" AS c
    WHERE c."__brief"
      AND (c."start" IS NOT NULL OR NOT c."gone")
    WINDOW latest AS (PARTITION BY c."Id", c."row_number", c."__at", c."say ""hi""", c."excluded", c."s"::text, c."t", c."🚚; --", c."_n", c."%s$1"::text ORDER BY c."__n" DESC),
        stored AS (PARTITION BY c."Id", c."row_number", c."__at", c."say ""hi""", c."excluded", c."s"::text, c."t", c."🚚; --", c."_n", c."%s$1"::text ORDER BY c."start" IS NULL, c."__n" DESC)
), others AS (
    DELETE FROM "pg_temp"."staged_changes" AS c
    USING same
    WHERE same.nth > 1
      AND c.ctid = same.change
)
UPDATE "pg_temp"."staged_changes" AS c
SET "__part" = same.part,
    "__place" = same.place
FROM same
WHERE same.nth = 1
  AND same.part IS NOT NULL
  AND c.ctid = same.change
  AND c."start" IS NULL;

-- (updates)
-- 3. Versions that end, or of which a record tells what makes no version.
UPDATE "public"."a ""target""" AS t
SET "end" = c."__upto",
    "active" = c."__upto" IS NULL, "_sdc_table_version" = greatest(t."_sdc_table_version", c."_sdc_table_version")
FROM "pg_temp"."staged_changes" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND c."start" IS NOT NULL
  AND NOT c."gone"
  AND t."start" = c."start"
  AND (c."end" IS NULL OR c."end" > c."start")
  AND (t."active" AND (c."__upto" IS NOT NULL OR (t."_sdc_table_version" IS DISTINCT FROM greatest(t."_sdc_table_version", c."_sdc_table_version"))) OR t."end" > t."start" AND t."end" <> c."__upto");

-- (updates)
-- 4. Versions of no length that come back, the one that is active now after the others.
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
FROM "pg_temp"."staged_changes" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND t.ctid = c."__place"
  AND t.tableoid = c."__part"
  AND c."start" IS NULL
  AND c."__part" IS NOT NULL
  AND c."__upto" IS NOT NULL;

-- (updates)
-- 4. Versions of no length that come back, the one that is active now after the others.
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
FROM "pg_temp"."staged_changes" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND t.ctid = c."__place"
  AND t.tableoid = c."__part"
  AND c."start" IS NULL
  AND c."__part" IS NOT NULL
  AND c."__upto" IS NULL;

-- (inserts)
-- 5. All others start as new rows.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version", "start", "end", "active")
SELECT c."Id", c."row_number", c."say ""hi""", c."excluded", c."s", c."t", c."🚚; --", c."_n", c."%s$1", c."_sdc_deleted_at", c."_sdc_extracted_at", c."_sdc_table_version", c."__at", c."__upto", c."__upto" IS NULL
FROM "pg_temp"."staged_changes" AS c
WHERE c."__part" IS NULL
  AND (c."start" IS NOT NULL OR NOT c."gone")
ORDER BY c."Id", c."row_number", c."__n";

