-- (prepares)
CREATE TEMP TABLE "staged_keys" ("Id" bigint, "row_number" text, "_n" integer) ON COMMIT DROP;

-- (prepares)
-- lacking: "pg_temp"."staged_keys" has the keys of a batch, numbered from 0. These are the numbers of those that have no row.
SELECT string_agg(s."_n"::text, ',')
FROM "pg_temp"."staged_keys" AS s
WHERE NOT EXISTS (SELECT FROM "public"."a ""target""" AS t WHERE t."Id" = s."Id" AND t."row_number" = s."row_number");

