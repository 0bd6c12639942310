-- (updates)
-- Rows that changed or come back. Without a unique index, or with records that bring only some columns, there is
-- nothing for ON CONFLICT to go by. What a partial record lacks keeps the value that the row has when it is locked.
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = s."say ""hi""",
    "excluded" = s."excluded",
    "deleted" = false
FROM "pg_temp"."staged" AS s
WHERE t."Id" = s."Id" AND t."row_number" = s."row_number"
  AND NOT s."gone"
  AND (t."deleted" <> false
   OR t."say ""hi""" IS DISTINCT FROM s."say ""hi"""
   OR t."excluded" IS DISTINCT FROM s."excluded");

-- (inserts)
-- Rows that are new. Another loader may have inserted one meanwhile; then a unique index refuses ours, and the next
-- attempt finds it.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded", "deleted")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded", false
FROM "pg_temp"."staged" AS s
WHERE NOT s."gone"
  AND NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
ORDER BY s."Id", s."row_number";

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

