-- (deletes)
DELETE FROM "public"."a ""target""" AS t
USING (
    SELECT v.ctid AS place, v.tableoid AS part, row_number() OVER newest_first AS n
    FROM "public"."a ""target""" AS v
    WHERE EXISTS (SELECT FROM "public"."staged" AS s WHERE v."Id" = s."Id" AND v."row_number" = s."row_number")
    WINDOW newest_first AS (PARTITION BY v."Id", v."row_number" ORDER BY v.ctid DESC)
) AS r
WHERE r.n > 1
  AND t.ctid = r.place
  AND t.tableoid = r.part;

-- (inserts)
-- Another table refers to this one, which forbids TRUNCATE. Rows whose key returns stay and change in place, so that
-- what refers to them is not disturbed; rows that vanished are deleted, and the reference decides whether that is
-- allowed.
--
-- It is one statement so that foreign keys are checked when all of it is done: a row may leave its parent while the
-- parent vanishes. The counts put the parts in order, since a new row may carry the unique value of a vanished one.
WITH vanished AS (
    DELETE FROM "public"."a ""target""" AS t
    WHERE NOT EXISTS (SELECT FROM "public"."staged" AS s WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
    RETURNING 1
), changed AS (
    UPDATE "public"."a ""target""" AS t
    SET "say ""hi""" = s."say ""hi""",
    "excluded" = s."excluded"
    FROM "public"."staged" AS s
    WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
      AND (SELECT count(*) FROM vanished) >= 0
      AND (t."say ""hi""" IS DISTINCT FROM s."say ""hi"""
        OR t."excluded" IS DISTINCT FROM s."excluded")
    RETURNING 1
)
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded"
FROM "public"."staged" AS s
WHERE (SELECT count(*) FROM changed) >= 0
  AND NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number");

