-- (deletes)
UPDATE "public"."a ""target""" AS t
SET "_sdc_deleted_at" = now(),
    "deleted" = true
WHERE NOT t."deleted"
  AND NOT EXISTS (SELECT FROM "public"."seen" AS s WHERE ARRAY[t."Id"] = ARRAY[s."Id"] AND ARRAY[t."row_number"] = ARRAY[s."row_number"]);

