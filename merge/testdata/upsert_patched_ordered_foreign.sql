-- (prepares)
-- The rows are on other servers: what decides about the batch's keys is fetched once.
CREATE TEMP TABLE "pg_temp"."staged_stored" ON COMMIT DROP AS
SELECT t."Id", t."row_number", t."excluded"
FROM "public"."a ""target""" AS t
JOIN (SELECT DISTINCT "Id", "row_number" FROM "pg_temp"."staged") AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND t."Id" = ANY (ARRAY(SELECT s."Id" FROM "pg_temp"."staged" AS s))
  AND t."row_number" = ANY (ARRAY(SELECT s."row_number" FROM "pg_temp"."staged" AS s));

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
        LEFT JOIN "pg_temp"."staged_stored" AS t ON t."Id" = s."Id" AND t."row_number" = s."row_number"
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

-- (prepares)
-- What there is of the batch's keys.
CREATE TEMP TABLE "pg_temp"."staged_current" ON COMMIT DROP AS
SELECT t."Id", t."row_number", t."say ""hi""", t."excluded", true AS "_there"
FROM "public"."a ""target""" AS t
JOIN "pg_temp"."staged_folded" AS s ON t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND t."Id" = ANY (ARRAY(SELECT s."Id" FROM "pg_temp"."staged_counted" AS s))
  AND t."row_number" = ANY (ARRAY(SELECT s."row_number" FROM "pg_temp"."staged_counted" AS s));

-- (prepares)
-- Records that change something, as whole rows. One whose row has to lie elsewhere than it does is a new row, too.
CREATE TEMP TABLE "pg_temp"."staged_news" ON COMMIT DROP AS
SELECT s."Id", s."row_number",
    CASE WHEN substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0' THEN s."say ""hi""" ELSE old."say ""hi""" END AS "say ""hi""",
    CASE WHEN substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0' THEN s."excluded" ELSE old."excluded" END AS "excluded",
    old."_there" IS NULL AS "_is_new"
FROM "pg_temp"."staged_folded" AS s
LEFT JOIN "pg_temp"."staged_current" AS old ON old."Id" = s."Id" AND old."row_number" = s."row_number"
WHERE (old."_there" IS NULL
   OR old."say ""hi""" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 3 FOR 1) IS DISTINCT FROM B'0' THEN s."say ""hi""" ELSE old."say ""hi""" END
   OR old."excluded" IS DISTINCT FROM CASE WHEN substring(s."present" FROM 4 FOR 1) IS DISTINCT FROM B'0' THEN s."excluded" ELSE old."excluded" END);

-- (updates)
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = s."say ""hi""",
    "excluded" = s."excluded"
FROM "pg_temp"."staged_news" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND NOT s."_is_new"
  AND t."Id" = ANY (ARRAY(SELECT s."Id" FROM "pg_temp"."staged_news" AS s))
  AND t."row_number" = ANY (ARRAY(SELECT s."row_number" FROM "pg_temp"."staged_news" AS s));

-- (inserts)
-- Rows that are new. No ON CONFLICT: for that, Citus makes a connection for every shard. A key that another program has
-- inserted meanwhile is refused by the unique index, and the next attempt finds it.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded"
FROM "pg_temp"."staged_news" AS s
WHERE s."_is_new"
ORDER BY s."Id", s."row_number";

