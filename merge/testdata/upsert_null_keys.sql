-- (updates)
-- Rows that changed. Without a unique index, or with records that bring only some columns, there is nothing for ON
-- CONFLICT to go by. What a partial record lacks keeps the value that the row has when it is locked.
UPDATE "public"."a ""target""" AS t
SET "say ""hi""" = s."say ""hi""",
    "excluded" = s."excluded"
FROM "pg_temp"."staged" AS s
WHERE ARRAY[t."Id"] = ARRAY[s."Id"] AND ARRAY[t."row_number"] = ARRAY[s."row_number"]
  AND (t."say ""hi""" IS DISTINCT FROM s."say ""hi"""
    OR t."excluded" IS DISTINCT FROM s."excluded");

-- (inserts)
-- Rows that are new. Another loader may have inserted one meanwhile; then a unique index refuses ours, and the next
-- attempt finds it.
INSERT INTO "public"."a ""target""" ("Id", "row_number", "say ""hi""", "excluded")
SELECT s."Id", s."row_number", s."say ""hi""", s."excluded"
FROM "pg_temp"."staged" AS s
WHERE NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE ARRAY[t."Id"] = ARRAY[s."Id"] AND ARRAY[t."row_number"] = ARRAY[s."row_number"])
ORDER BY s."Id", s."row_number";

