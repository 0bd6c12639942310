-- (deletes)
DELETE FROM "public"."a ""target""" AS t
WHERE NOT EXISTS (SELECT FROM "public"."staged" AS s WHERE t."Id" = s."Id" AND t."row_number" = s."row_number");

