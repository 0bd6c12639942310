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

-- (prepares)
-- 1. What changes: of every key that the batch has news about, the versions that they may touch, then the records that
-- differ from what is before them and the tombstones of what is alive. Each lasts up to the next one.
CREATE TEMP TABLE "pg_temp"."staged_changes" ON COMMIT DROP AS
WITH news AS (
    -- Records of keys of which one differs from the active version or finds none, and tombstones that find one.
    SELECT *
    FROM (
        SELECT s.*, bool_or(CASE WHEN s."gone" THEN true ELSE s."__differs" OR s."__told" END) OVER (PARTITION BY s."Id", s."row_number") AS "__news"
        FROM (
            SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", CASE WHEN bool_or(s."gone") OVER (PARTITION BY s."Id", s."row_number" ORDER BY s.ctid) THEN s."_sdc_table_version" ELSE greatest(l."_sdc_table_version", s."_sdc_table_version") END AS "_sdc_table_version", s."gone", s."at",
                s.ctid AS "__place", l.tableoid IS NOT NULL AS "__known",
                l.tableoid IS NULL
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
    CASE WHEN s."gone" THEN s."__latest1" WHEN lead(s."gone") OVER of_key THEN lead(s."__latest1") OVER of_key ELSE s."excluded" END AS "excluded",
    s."s",
    s."t",
    s."🚚; --",
    s."_n",
    s."%s$1",
    s."_sdc_deleted_at",
    CASE WHEN s."gone" THEN s."__latest2" WHEN lead(s."gone") OVER of_key THEN lead(s."__latest2") OVER of_key ELSE s."_sdc_extracted_at" END AS "_sdc_extracted_at",
    CASE WHEN s."gone" THEN s."_sdc_table_version" WHEN lead(true) OVER of_key THEN lead(s."__before12") OVER of_key ELSE s."__last12" END AS "_sdc_table_version",
    s."gone", s."__n", s."start", s."__part", s."__place",
    s."__at", coalesce(s."end", lead(s."__at") OVER of_key) AS "__upto",
    lag(s."__at", 2) OVER of_key = s."__at"
    OR lead(s."__at", 2) OVER of_key = s."__at"
    OR lag(s."__at") OVER of_key = s."__at" AND (lag(s."gone") OVER of_key OR lead(s."__at") OVER of_key = s."__at")
    OR s."gone" AND lead(s."__at") OVER of_key = s."__at" AS "__brief"
FROM (
    SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version", s."gone", s."start", s."end", s."__part", s."__place",
        row_number() OVER so_far AS "__n",
        coalesce(s."start", greatest(coalesce(s."at", now()), s."__bound")) AS "__at",
        NOT coalesce(lag(s."gone") OVER so_far, true) AS "__alive",
        (lag(s."say ""hi""") OVER so_far IS DISTINCT FROM s."say ""hi"""
        OR lag(s."excluded") OVER so_far IS DISTINCT FROM s."excluded"
        OR lag(s."s"::text) OVER so_far IS DISTINCT FROM s."s"::text
        OR lag(s."t") OVER so_far IS DISTINCT FROM s."t"
        OR lag(s."🚚; --") OVER so_far IS DISTINCT FROM s."🚚; --"
        OR lag(s."_n") OVER so_far IS DISTINCT FROM s."_n"
        OR lag(s."%s$1"::text) OVER so_far IS DISTINCT FROM s."%s$1"::text) AS "__differs",
        lag(s."_sdc_table_version") OVER so_far AS "__before12",
        last_value(s."_sdc_table_version") OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "__last12",
        last_value(s."excluded") OVER in_a_row AS "__latest1",
        last_value(s."_sdc_extracted_at") OVER in_a_row AS "__latest2"
    FROM (
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
            s."_sdc_table_version",
            s."gone", s."start", s."end", s."__part", s."__place",
            s."at", s."__bound", s."__differs",
            count(*) FILTER (WHERE s."start" IS NOT NULL OR NOT s."gone") OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place") AS "__records"
        FROM (
        SELECT *
        FROM (
            SELECT *, max(greatest(s."start", s."end")) OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place") AS "__bound"
            FROM (
                SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", s."s", s."t", s."🚚; --", s."_n", s."%s$1", s."_sdc_deleted_at", s."_sdc_extracted_at", s."_sdc_table_version", s."gone", s."__differs", s."at",
                    NULL AS "start", NULL AS "end", NULL AS "__part", s."__place"
                FROM news AS s
                UNION ALL
                SELECT v."Id", v."row_number", v."say ""hi""", v."excluded", v."s", v."t", v."🚚; --", v."_n", v."%s$1", v."_sdc_deleted_at", v."_sdc_extracted_at", v."_sdc_table_version", NOT v."active", false, NULL,
                    v."start", v."end", v.tableoid, v.ctid
                FROM (
                    SELECT s."Id", s."row_number", min(coalesce(s."at", now())) AS "__since", bool_or(s."gone") AS "gone"
                    FROM news AS s
                    GROUP BY s."Id", s."row_number"
                ) AS s
                JOIN "public"."a ""target""" AS v ON v."Id" = s."Id" AND v."row_number" = s."row_number"
                WHERE (v."active"
                   OR v."end" >= s."__since" OR s."gone")
            ) AS s
        ) AS s
    ) AS s
        WINDOW of_key AS (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    ) AS s
    WINDOW so_far AS (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place"),
        in_a_row AS (PARTITION BY s."Id", s."row_number", s."__records" ORDER BY s."start", s."end", s."__place"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
) AS s
WHERE s."start" IS NOT NULL
   OR CASE WHEN s."gone" THEN s."__alive" ELSE NOT s."__alive" OR s."__differs" END
WINDOW of_key AS (PARTITION BY s."Id", s."row_number" ORDER BY s."start", s."end", s."__place");

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
-- 3. Versions that end, or of which a record tells what makes no version, or have the order of a tombstone after them.
UPDATE "public"."a ""target""" AS t
SET "end" = c."__upto",
    "active" = c."__upto" IS NULL, "_sdc_table_version" = greatest(t."_sdc_table_version", c."_sdc_table_version"), "excluded" = c."excluded", "_sdc_extracted_at" = c."_sdc_extracted_at", "hash" = CASE WHEN t."hash" IS NOT NULL THEN pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.array_to_string(ARRAY['%s$1:' || pg_catalog.length(c."%s$1"::text)::text || ':' || c."%s$1"::text, 'Id:' || pg_catalog.length(c."Id"::text)::text || ':' || c."Id"::text, '_n:' || pg_catalog.length(c."_n"::text)::text || ':' || c."_n"::text, 'excluded:' || pg_catalog.length(pg_catalog.trim_scale(c."excluded")::text)::text || ':' || pg_catalog.trim_scale(c."excluded")::text, 'row_number:' || pg_catalog.length(c."row_number"::text)::text || ':' || c."row_number"::text, 's:' || pg_catalog.length(c."s"::text)::text || ':' || c."s"::text, 'say "hi":' || pg_catalog.length(c."say ""hi"""::text)::text || ':' || c."say ""hi"""::text, 't:' || pg_catalog.length(c."t"::text)::text || ':' || c."t"::text, '🚚; --:' || pg_catalog.length(c."🚚; --"::text)::text || ':' || c."🚚; --"::text], ';'), 'UTF8')), 'hex'), 32) END
FROM "pg_temp"."staged_changes" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND c."start" IS NOT NULL
  AND t.ctid = c."__place"
  AND t.tableoid = c."__part"
  AND (t."end" IS NULL AND c."__upto" IS NOT NULL OR t."excluded" IS DISTINCT FROM c."excluded" OR t."_sdc_extracted_at" IS DISTINCT FROM c."_sdc_extracted_at" OR (t."_sdc_table_version" IS DISTINCT FROM greatest(t."_sdc_table_version", c."_sdc_table_version")));

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
    "active" = c."__upto" IS NULL,
    "hash" = CASE WHEN t."hash" IS NOT NULL THEN pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.array_to_string(ARRAY['%s$1:' || pg_catalog.length(c."%s$1"::text)::text || ':' || c."%s$1"::text, 'Id:' || pg_catalog.length(c."Id"::text)::text || ':' || c."Id"::text, '_n:' || pg_catalog.length(c."_n"::text)::text || ':' || c."_n"::text, 'excluded:' || pg_catalog.length(pg_catalog.trim_scale(c."excluded")::text)::text || ':' || pg_catalog.trim_scale(c."excluded")::text, 'row_number:' || pg_catalog.length(c."row_number"::text)::text || ':' || c."row_number"::text, 's:' || pg_catalog.length(c."s"::text)::text || ':' || c."s"::text, 'say "hi":' || pg_catalog.length(c."say ""hi"""::text)::text || ':' || c."say ""hi"""::text, 't:' || pg_catalog.length(c."t"::text)::text || ':' || c."t"::text, '🚚; --:' || pg_catalog.length(c."🚚; --"::text)::text || ':' || c."🚚; --"::text], ';'), 'UTF8')), 'hex'), 32) END
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
    "active" = c."__upto" IS NULL,
    "hash" = CASE WHEN t."hash" IS NOT NULL THEN pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.array_to_string(ARRAY['%s$1:' || pg_catalog.length(c."%s$1"::text)::text || ':' || c."%s$1"::text, 'Id:' || pg_catalog.length(c."Id"::text)::text || ':' || c."Id"::text, '_n:' || pg_catalog.length(c."_n"::text)::text || ':' || c."_n"::text, 'excluded:' || pg_catalog.length(pg_catalog.trim_scale(c."excluded")::text)::text || ':' || pg_catalog.trim_scale(c."excluded")::text, 'row_number:' || pg_catalog.length(c."row_number"::text)::text || ':' || c."row_number"::text, 's:' || pg_catalog.length(c."s"::text)::text || ':' || c."s"::text, 'say "hi":' || pg_catalog.length(c."say ""hi"""::text)::text || ':' || c."say ""hi"""::text, 't:' || pg_catalog.length(c."t"::text)::text || ':' || c."t"::text, '🚚; --:' || pg_catalog.length(c."🚚; --"::text)::text || ':' || c."🚚; --"::text], ';'), 'UTF8')), 'hex'), 32) END
FROM "pg_temp"."staged_changes" AS c
WHERE t."Id" = c."Id" AND t."row_number" = c."row_number"
  AND t.ctid = c."__place"
  AND t.tableoid = c."__part"
  AND c."start" IS NULL
  AND c."__part" IS NOT NULL
  AND c."__upto" IS NULL;

-- (inserts)
-- 5. All others start as new rows.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "s", "t", "🚚; --", "_n", "%s$1", "_sdc_deleted_at", "_sdc_extracted_at", "_sdc_table_version", "start", "end", "active", "hash")
SELECT c."Id", c."row_number", c."say ""hi""", c."excluded", c."s", c."t", c."🚚; --", c."_n", c."%s$1", c."_sdc_deleted_at", c."_sdc_extracted_at", c."_sdc_table_version", c."__at", c."__upto", c."__upto" IS NULL, pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.array_to_string(ARRAY['%s$1:' || pg_catalog.length(c."%s$1"::text)::text || ':' || c."%s$1"::text, 'Id:' || pg_catalog.length(c."Id"::text)::text || ':' || c."Id"::text, '_n:' || pg_catalog.length(c."_n"::text)::text || ':' || c."_n"::text, 'excluded:' || pg_catalog.length(pg_catalog.trim_scale(c."excluded")::text)::text || ':' || pg_catalog.trim_scale(c."excluded")::text, 'row_number:' || pg_catalog.length(c."row_number"::text)::text || ':' || c."row_number"::text, 's:' || pg_catalog.length(c."s"::text)::text || ':' || c."s"::text, 'say "hi":' || pg_catalog.length(c."say ""hi"""::text)::text || ':' || c."say ""hi"""::text, 't:' || pg_catalog.length(c."t"::text)::text || ':' || c."t"::text, '🚚; --:' || pg_catalog.length(c."🚚; --"::text)::text || ':' || c."🚚; --"::text], ';'), 'UTF8')), 'hex'), 32)
FROM "pg_temp"."staged_changes" AS c
WHERE c."__part" IS NULL
  AND (c."start" IS NOT NULL OR NOT c."gone")
ORDER BY c."Id", c."row_number", c."__n";

