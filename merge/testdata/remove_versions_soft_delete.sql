-- (deletes)
UPDATE "public"."a ""target""" AS t
SET "_sdc_deleted_at" = now(),
    "deleted" = true
WHERE NOT t."deleted"
  AND (t."_sdc_table_version" < 5 OR t."_sdc_table_version" IS NULL);

