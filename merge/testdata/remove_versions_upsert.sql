-- (deletes)
-- Without hard_delete the mark is data, as it is in the records that the source marks itself.
UPDATE "public"."a ""target""" AS t
SET "_sdc_deleted_at" = now()
WHERE t."_sdc_deleted_at" IS NULL
  AND (t."_sdc_table_version" < 5 OR t."_sdc_table_version" IS NULL);

