-- (prepares)
-- The keys of a full snapshot gather here until its end. A key whose only record is a tombstone was not in it.
INSERT INTO "public"."seen" ("Id", "row_number")
SELECT s."Id", s."row_number"
FROM "pg_temp"."staged" AS s
WHERE NOT s."gone"
ON CONFLICT DO NOTHING;

