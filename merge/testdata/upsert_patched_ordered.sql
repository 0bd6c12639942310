-- (prepares)
-- counted: an older record must not overwrite a newer one, and neither may what it brings of a partial one's columns. So the
-- records that are older than their row, or than one that arrived before them, are left out first. Those that are left
-- are in order by their arrival.
CREATE TEMP TABLE "pg_temp"."staged_counted" ON COMMIT DROP AS
SELECT s.*
FROM (
    SELECT s.*, max(s."_rank") OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."_arrival") AS "_newest"
    FROM (
        SELECT s.*, s.ctid AS "_arrival",
            row_number() OVER (PARTITION BY s."Id", s."row_number" ORDER BY s."excluded" NULLS FIRST, s.ctid) AS "_rank"
        FROM "pg_temp"."staged" AS s
        LEFT JOIN "public"."a ""target""" AS t ON t."Id" = s."Id" AND t."row_number" = s."row_number"
        WHERE t.tableoid IS NULL
           OR CASE
        WHEN s."excluded" IS DISTINCT FROM t."excluded" THEN t."excluded" IS NULL OR s."excluded" > t."excluded"
        ELSE true END
    ) AS s
) AS s
WHERE s."_rank" = s."_newest"
ORDER BY s."_arrival";

-- (prepares)
-- fold: what several rows of one key amount to. Only where they do not simply replace one another: records that bring
-- some columns and not others (x-pipelinewise-record-update-mode: PATCH), and tombstones which keep the values before
-- them.
-- One row a key says what the whole batch makes of it.
CREATE TEMP TABLE "pg_temp"."staged_folded" ON COMMIT DROP AS
SELECT DISTINCT ON (s."Id", s."row_number")
    s."Id", s."row_number",
    nth_value(s."say ""hi""", s."_from3") OVER of_key AS "say ""hi""",
    nth_value(s."excluded", s."_from4") OVER of_key AS "excluded",
    (B'1'
        || B'1'
        || CASE WHEN s."_from3" IS NULL THEN B'0' ELSE B'1' END
        || CASE WHEN s."_from4" IS NULL THEN B'0' ELSE B'1' END)::bit varying AS "present"
FROM (
    -- For every row and column, which row of the key so far brought the column last.
    SELECT s.*,
        max(s."_n") FILTER (WHERE substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0') OVER so_far AS "_from3",
        max(s."_n") FILTER (WHERE substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0') OVER so_far AS "_from4"
    FROM (
        SELECT *, row_number() OVER (PARTITION BY "Id", "row_number" ORDER BY ctid)::int AS "_n"
        FROM "pg_temp"."staged_counted"
    ) AS s
    WINDOW so_far AS (PARTITION BY s."Id", s."row_number" ORDER BY s."_n")
) AS s
WINDOW of_key AS (
    PARTITION BY s."Id", s."row_number" ORDER BY s."_n" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
)
ORDER BY s."Id", s."row_number", s."_n" DESC;

-- (updates)
-- Rows that changed. Without a unique index, or with records that bring only some columns, there is nothing for ON
-- CONFLICT to go by. What a partial record lacks keeps the value that the row has when it is locked.
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = CASE WHEN substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0' THEN s."say ""hi""" ELSE t."say ""hi""" END,
    "excluded" = CASE WHEN substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0' THEN s."excluded" ELSE t."excluded" END
FROM "pg_temp"."staged_folded" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND (t."say ""hi""" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0' THEN s."say ""hi""" ELSE t."say ""hi""" END
    OR t."excluded" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0' THEN s."excluded" ELSE t."excluded" END);

-- (inserts)
-- Rows that are new. Another loader may have inserted one meanwhile; then a unique index refuses ours, and the next
-- attempt finds it.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded"
FROM "pg_temp"."staged_folded" AS s
WHERE NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
ORDER BY s."Id", s."row_number";

