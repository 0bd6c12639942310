-- (deletes)
UPDATE "public"."a ""target""" AS t
SET "deleted" = true
WHERE NOT t."deleted"
  AND NOT EXISTS (SELECT FROM "public"."seen" AS s WHERE t."Id" = s."Id" AND t."row_number" = s."row_number")
  AND EXISTS (SELECT FROM "public"."slices" AS b WHERE ARRAY[b."say ""hi"""] = ARRAY[t."say ""hi"""] AND ARRAY[b."excluded"] = ARRAY[t."excluded"]);

