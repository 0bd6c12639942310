-- (writes)
-- Records that equal their row, if it is not marked, are left out before the INSERT and not by the WHERE of ON
-- CONFLICT, which would lock the row first: that writes to its page and to the log. ORDER BY lets two loaders lock rows
-- in one order, so that they wait for each other and do not deadlock.
INSERT INTO "public"."a ""target""" AS t ("Id", "row_number", "say ""hi""", "excluded", "deleted")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", false
FROM "pg_temp"."staged" AS s
LEFT JOIN "public"."a ""target""" AS old ON old."Id" = s."Id" AND old."row_number" = s."row_number"
WHERE NOT s."gone"
  AND (old.tableoid IS NULL -- a new key
   OR old."deleted" <> false
   OR old."say ""hi""" IS DISTINCT FROM s."say ""hi"""
   OR old."excluded" IS DISTINCT FROM s."excluded")
ORDER BY s."Id", s."row_number"
ON CONFLICT ("Id", "row_number") DO UPDATE
SET "say ""hi""" = excluded."say ""hi""",
    "excluded" = excluded."excluded",
    "deleted" = excluded."deleted";

-- (deletes)
-- Tombstones of keys that this batch has no record of: the mark is set, and nothing but the source's own delete marks
-- is taken from them, and their order where there is one. Rows that are marked already stay as they are, but for the order;
-- unknown keys match nothing.
UPDATE "public"."a ""target""" AS t
SET "deleted" = true
FROM "pg_temp"."staged" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND s."gone"
  AND NOT t."deleted";

