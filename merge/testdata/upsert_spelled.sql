-- (prepares)
-- spelled: keys that are equal may be spelled in several ways, such as 1 and 1.0. The first record's spelling stays, as if
-- each record were a batch of its own. After a tombstone that takes its row away, the next record's counts.
CREATE TEMP TABLE "pg_temp"."staged_spelled" ON COMMIT DROP AS
SELECT first_value(s."Id") OVER of_key AS "Id",
    first_value(s."row_number") OVER of_key AS "row_number",
    s."say ""hi""",
    s."excluded",
    s."present",
    s."gone",
    s."at"
FROM (
    SELECT s.*, s.ctid AS "_arrival",
        count(*) FILTER (WHERE s."gone") OVER (PARTITION BY s."Id", s."row_number" ORDER BY s.ctid) AS "_life"
    FROM "pg_temp"."staged" AS s
) AS s
WINDOW of_key AS (
    PARTITION BY s."Id", s."row_number", s."_life"
    ORDER BY s."gone", s."_arrival"
)
ORDER BY s."_arrival";

-- (deletes)
-- A tombstone deletes its row, also when a later record of this batch brings the key back: what comes then is a new
-- row, through which nothing of the old one shines. Unknown keys match nothing.
DELETE FROM "public"."a ""target""" AS t
USING "pg_temp"."staged_spelled" AS s
WHERE s."gone"
  AND t."Id" = s."Id" AND t."row_number" = s."row_number";

-- (writes)
-- Records that equal their row are left out before the INSERT and not by the WHERE of ON CONFLICT, which would lock the
-- row first: that writes to its page and to the log. So ON CONFLICT sees changed rows, and those that another loader
-- inserted meanwhile. ORDER BY lets two loaders lock rows in one order, so that they wait for each other and do not
-- deadlock.
INSERT INTO "public"."a ""target""" AS t ("Id", "row_number", "say ""hi""", "excluded")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded"
FROM (SELECT DISTINCT ON ("Id", "row_number") * FROM "pg_temp"."staged_spelled" ORDER BY "Id", "row_number", ctid DESC) AS s
LEFT JOIN "public"."a ""target""" AS old ON old."Id" = s."Id" AND old."row_number" = s."row_number"
WHERE NOT s."gone"
  AND (old.tableoid IS NULL -- a new key
   OR old."say ""hi""" IS DISTINCT FROM s."say ""hi"""
   OR old."excluded" IS DISTINCT FROM s."excluded")
ORDER BY s."Id", s."row_number"
ON CONFLICT ("Id", "row_number") DO UPDATE
SET "say ""hi""" = excluded."say ""hi""",
    "excluded" = excluded."excluded";

